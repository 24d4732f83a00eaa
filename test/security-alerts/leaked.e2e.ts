import { installed, project } from '../extensions/installation.js';
import { accessToken, application } from '../oauth/application.js';
import type { Client } from '../support/client.js';
import { World } from '../support/world.js';
import { SlackStandIn } from './slack.js';
import { alertOf, alerts, watched } from './watched.js';

/** With what would begin a line of its own, or turn the direction of what follows. */
const SOURCE = 'https://evil.example/<!channel>/paste\r\nOrganization:\u2028\u202eEvil';

let world: World;
let slack: SlackStandIn;
beforeAll(async () => {
  slack = await SlackStandIn.open();
  world = await World.start({ env: { ALERTS_ALLOW_HTTP: '1' } });
});
afterAll(async () => {
  await world.stop();
  await slack.close();
});

const report = async (credential: unknown, source_url: unknown = SOURCE) => new Finder(world).report(credential, source_url);
const verdict = async (client: Client) => ((await client.get('/me')).body as { error?: string }).error ?? 'works';

/** Somebody who knows nothing but what they found. */
class Finder {
  constructor(private readonly world: World) {}

  async report(credential: unknown, source_url: unknown) {
    const { status, body } = await this.world.stranger.post('/api/v1/leaked_credentials', { credential, source_url });
    return [status, body];
  }
}

const ACCEPTED = [202, { status: 'accepted' }];

describe('a credential that somebody found', () => {
  it('is revoked where it is a workspace token, and told with the place as text', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'Found' });
    // As it is copied from a page.
    expect(await report(` ${token.token}\n`)).toEqual(ACCEPTED);
    expect(await verdict(token.client)).toBe('token_revoked');
    const title = 'Byl nahlášen uniklý přístup';
    const mail = await world.mailbox.to(admin.email, ({ subject }) => subject?.includes(title) === true);
    const links = [...String(mail.html).matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
    expect(links).toEqual([]);
    // Nothing in it that a mail program or Slack would make a link or a mention of.
    expect(mail.text).not.toContain(SOURCE);
    expect((mail.text ?? '').replaceAll('\u2060', '').replace(/\s+/g, '')).toContain(SOURCE.replace(/[\s\u202e]/g, ''));
    const message = await slack.message(({ path, text }) => path === admin.channel && text.includes(title));
    expect(message.text.split('\n')[1]).toContain('https://evil.example/&lt;!channel&gt;/paste Organization: Evil');
    expect(message.body).toMatchObject({ link_names: false, parse: 'none', unfurl_links: false });
    expect((await alertOf(admin, 'leaked_credential')).subject).toEqual({ type: 'workspace_token', id: token.id, name: 'Found' });
    expect(await trail(admin.organizationId, 'workspace_token.revoked')).toEqual([{ actor_type: 'leak_report', target_id: String(token.id), metadata: { reason: 'leaked', token_prefix: token.token.slice(0, 13), source_url: SOURCE } }]);
  });

  it('takes with it what it handed out, and what that handed out, and nothing else', async () => {
    const admin = await watched(world, slack);
    const place = await project(admin);
    const token = await world.token(admin, { name: 'Root' });
    const child = await world.token(token, { name: 'Child' });
    const grandchild = await world.token(child, { name: 'Grandchild' });
    const exporter = await accessToken(world, await application(token));
    const extension = await installed(world, child, place.id);
    const other = await world.token(admin, { name: 'Other' });
    expect(await report(token.token)).toEqual(ACCEPTED);
    expect(await Promise.all([token, child, grandchild, exporter, extension, other].map(async ({ client }) => verdict(client)))).toEqual([...Array<string>(5).fill('token_revoked'), 'works']);
    await alertOf(admin, 'leaked_credential', ({ subject }) => subject.name === 'Root');
    expect((await alerts(admin)).filter(({ type }) => type === 'leaked_credential')).toHaveLength(1);
  });

  it('is ended where it is an extension’s key, and the extension gets another', async () => {
    const admin = await watched(world, slack);
    const extension = await installed(world, admin, (await project(admin)).id, { name: 'Sync' });
    expect(await report(extension.key)).toEqual(ACCEPTED);
    expect(await verdict(extension.client)).toBe('token_revoked');
    expect((await alertOf(admin, 'leaked_credential')).subject).toEqual({ type: 'extension', id: extension.id, name: 'Sync' });
    expect((await admin.client.get(`/extensions/${extension.id}`)).body.api_key_prefix).toBeNull();
    const { body } = await admin.client.post(`/extensions/${extension.id}/secrets/api_key/rotate`);
    expect(await verdict(world.bearer(body.api_key as string))).toBe('works');
  });

  it('is ended where it is a client secret, with the tokens that it obtained', async () => {
    const admin = await watched(world, slack);
    const exporter = await application(admin, { name: 'Exporter' });
    const { client } = await accessToken(world, exporter);
    expect(await report(exporter.secret)).toEqual(ACCEPTED);
    expect(await verdict(client)).toBe('token_revoked');
    expect((await alertOf(admin, 'leaked_credential')).subject).toEqual({ type: 'oauth_application', id: exporter.id, name: 'Exporter' });
  });

  it('is answered the same whatever it is', async () => {
    const admin = await world.register();
    const token = await world.token(admin);
    const rotated = (await admin.client.post(`/workspace_api_tokens/${token.id}/rotate`)).body.token as string;
    const given: unknown[] = ['', 'x', 'wksp_0', `wksp_${'0'.repeat(48)}`, token.token, admin.accessToken, admin.refreshToken, null, 7, {}, [], undefined];
    for (const credential of given) expect([credential, await report(credential)]).toEqual([credential, ACCEPTED]);
    for (const source of [null, 7, {}, 'x'.repeat(10_000)]) expect(await report('x', source)).toEqual(ACCEPTED);
    expect(await Promise.all([verdict(world.bearer(rotated)), verdict(admin.client)])).toEqual(['works', 'works']);
    expect(await trail(admin.organizationId, 'workspace_token.revoked')).toEqual([]);
  });

  it('is ended once, however many report it at once', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'Popular' });
    expect(await Promise.all(Array.from({ length: 10 }, async () => report(token.token)))).toEqual(Array(10).fill(ACCEPTED));
    expect(await trail(admin.organizationId, 'workspace_token.revoked')).toHaveLength(1);
  });
});

async function trail(organizationId: number, action: string) {
  return world.database.sql('SELECT actor_type, target_id, metadata FROM audit_entries WHERE chain = $1 AND action = $2 ORDER BY id', [`organization:${organizationId}`, action]);
}

import { Traffic } from '#access';
import { installed, project } from '../extensions/installation.js';
import { accessToken, application } from '../oauth/application.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { SlackStandIn } from './slack.js';
import { watched } from './watched.js';

const NEW_NETWORK = 'Přístup z nové sítě';

let world: World;
let slack: SlackStandIn;
beforeAll(async () => {
  slack = await SlackStandIn.open();
  world = await World.start({ env: { ALERTS_ALLOW_HTTP: '1', TRUST_PROXY: '127.0.0.1' } });
});
afterAll(async () => {
  await world.stop();
  await slack.close();
});

const verdict = async (client: Client) => ((await client.get('/me')).body as { error?: string }).error ?? 'works';

/** The path of the link in the mail about a credential that turned up elsewhere. */
async function linkAbout(admin: Person, client: Client): Promise<string> {
  const traffic = world.instance.app.get(Traffic);
  await client.get('/me');
  await traffic.flush();
  await client.with({ 'x-forwarded-for': '203.0.113.40' }).get('/me');
  await traffic.flush();
  const mail = await world.mailbox.to(admin.email, ({ subject }) => subject?.includes(NEW_NETWORK) === true);
  const link = /https:\/\/auth\.test(\/security_alerts\/confirm\?\S+)/.exec(mail.text ?? '')?.[1];
  if (link === undefined) throw new Error('the mail has no link');
  return link;
}

const look = async (link: string, method = 'GET') => fetch(world.instance.base + link, { method });
const confirm = async (link: string) => {
  const { searchParams } = new URL(link, world.instance.base);
  return fetch(`${world.instance.base}/security_alerts/confirm?locale=cs`, { method: 'POST', body: new URLSearchParams({ token: searchParams.get('token') ?? '' }), headers: { origin: 'null' } });
};

describe('the link of an alert', () => {
  it('changes nothing when it is looked at, as mail scanners do; asks in the reader’s language and the product’s name', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: '<b>CI</b>' });
    const link = await linkAbout(admin, token.client);
    for (const method of ['GET', 'HEAD', 'GET']) expect((await look(link, method)).status).toBe(200);
    const page = await look(link);
    const html = await page.text();
    expect([page.headers.get('content-type'), page.headers.get('content-language'), page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual(['text/html; charset=utf-8', 'cs', 'no-store', 'no-referrer']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('Ukončit tento přístup?');
    expect(html).toContain('Správce GDPR');
    expect(html).toContain('&lt;b&gt;CI&lt;/b&gt;');
    expect(html).not.toMatch(/kiket|<b>CI|<script/i);
    expect(await verdict(token.client)).toBe('works');
    expect((await slack.message(({ path, text }) => path === admin.channel && text.includes(NEW_NETWORK))).text).toMatch(/<https:\/\/auth\.test\/security_alerts\/confirm\?token=kal_[0-9a-f]{48}&amp;locale=cs\|Ukončit tento přístup>/);
  });

  it('ends the access when it is confirmed, once, and is audited as what it is', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'CI' });
    const link = await linkAbout(admin, token.client);
    const answers = await Promise.all(Array.from({ length: 5 }, async () => confirm(link)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect(await verdict(token.client)).toBe('token_revoked');
    expect((await look(link)).status).toBe(404);
    const events = await world.database.sql(`SELECT actor_type, target_id, metadata->>'reason' AS reason FROM audit_entries WHERE chain = $1 AND action = 'workspace_token.revoked'`, [`organization:${admin.organizationId}`]);
    expect(events).toEqual([{ actor_type: 'security_alert', target_id: String(token.id), reason: 'confirmed_alert' }]);
  });

  it('ends an application’s secrets, an extension’s key and a person’s session', async () => {
    const [one, two, three] = [await watched(world, slack), await watched(world, slack), await watched(world, slack)];
    const machine = (await accessToken(world, await application(one))).client;
    const extension = (await installed(world, two, (await project(two)).id)).client;
    const session = await world.login(three.email);
    for (const [admin, client] of [[one, machine], [two, extension], [three, session.client]] as const) {
      const link = await linkAbout(admin, client);
      expect(await verdict(client)).toBe('works');
      expect((await confirm(link)).status).toBe(200);
      expect(await verdict(client)).toBe('token_revoked');
    }
  });

  it('that was used ends nothing that came after', async () => {
    const admin = await watched(world, slack);
    const extension = await installed(world, admin, (await project(admin)).id);
    const link = await linkAbout(admin, extension.client);
    expect((await confirm(link)).status).toBe(200);
    const { api_key } = (await admin.client.post(`/extensions/${extension.id}/secrets/api_key/rotate`)).body as { api_key: string };
    expect([(await look(link)).status, (await confirm(link)).status]).toEqual([404, 404]);
    expect(await verdict(world.bearer(api_key))).toBe('works');
  });

  it('works for seven days', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'CI' });
    const link = await linkAbout(admin, token.client);
    world.clock.advance({ days: 6, hours: 23 });
    expect((await look(link)).status).toBe(200);
    world.clock.advance({ hours: 2 });
    expect([(await look(link)).status, (await confirm(link)).status]).toEqual([404, 404]);
    expect(await verdict(token.client)).toBe('works');
  });

  it.each(['', '?token=', '?token=x', `?token=kal_${'0'.repeat(48)}`])('that is invented (%j) is answered with the same page', async (query) => {
    const answer = await look(`/security_alerts/confirm${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('This link no longer works');
  });

  it('stands in no log and no table', async () => {
    const admin = await watched(world, slack);
    const link = await linkAbout(admin, (await world.token(admin)).client);
    const token = new URL(link, world.instance.base).searchParams.get('token') ?? '';
    await look(link);
    const [dump] = await world.database.sql<{ text: string }>(`SELECT concat((SELECT string_agg(a::text, '') FROM security_alert_actions a), (SELECT string_agg(j::text, '') FROM jobs.job j)) AS text`);
    expect(`${dump?.text}${world.logs.join('')}`).not.toContain(token);
  });
});

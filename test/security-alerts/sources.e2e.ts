import { Traffic } from '#access';
import { settled } from '../audit/trail.js';
import { installed, project } from '../extensions/installation.js';
import { accessToken, anotherSecret, application, basic, endpoint, GRANT } from '../oauth/application.js';
import { World } from '../support/world.js';
import { SlackStandIn } from './slack.js';
import { alertMails, alertOf, alerts, eventually, watched } from './watched.js';

type Watched = Awaited<ReturnType<typeof watched>>;

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

const from = (ip: string) => ({ 'x-forwarded-for': ip });

/** By mail, by Slack, in the inbox and in the list, within ten seconds of the answer to what caused it. */
async function told({ email, client, channel }: Watched, since: number, { title, words }: { title: string; words: readonly string[] }) {
  const mail = await world.mailbox.to(email, ({ subject }) => subject?.includes(title) === true);
  const message = await slack.message(({ path, text }) => path === channel && text.includes(title));
  expect(Date.now() - since).toBeLessThan(10_000);
  for (const word of words) expect([plain(mail.text ?? ''), message.text]).toEqual([expect.stringContaining(word), expect.stringContaining(word)]);
  const inbox = (await client.get('/notifications')).body.data as { type: string; title: string }[];
  expect(inbox.filter(({ type }) => type === 'security_alert').map((one) => one.title)).toContain(title);
  return { mail, message };
}

/** Without the marks that keep a mail program from making links of names. */
const plain = (text: string): string => text.replaceAll('\u2060', '').replace(/\s+/g, ' ');

describe('an alert is told by mail and Slack within ten seconds', () => {
  it('when a revoked token is used', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'CI <deploy>' });
    await admin.client.delete(`/workspace_api_tokens/${token.id}`);
    for (let i = 0; i < 3; i += 1) expect((await token.client.with(from('203.0.113.9')).get('/me')).status).toBe(401);
    const since = Date.now();
    const { message } = await told(admin, since, { title: 'Někdo používá zrušený přístup', words: ['203.0.113.9', 'wksp_'] });
    expect(message.text).toContain('CI &lt;deploy&gt;');
    // A round may have come between the three.
    await alertOf(admin, 'revoked_credential_used', ({ count }) => count === 3);
    expect(await alerts(admin)).toEqual([
      {
        id: expect.any(Number), type: 'revoked_credential_used', severity: 'high', subject: { type: 'workspace_token', id: token.id, name: 'CI <deploy>' }, count: 3,
        message: expect.stringContaining('203.0.113.9'), first_seen_at: expect.stringMatching(/Z$/), last_seen_at: expect.stringMatching(/Z$/), acknowledged_at: null,
      },
    ]);
  });

  it('when a secret is used that was rotated out', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'Rotated' });
    await admin.client.post(`/workspace_api_tokens/${token.id}/rotate`);
    await token.client.get('/me');
    const since = Date.now();
    await told(admin, since, { title: 'Někdo používá zrušený přístup', words: ['Rotated'] });
  });

  it('when a revoked client secret asks for a token', async () => {
    const admin = await watched(world, slack);
    const first = await application(admin, { name: 'Exporter' });
    await anotherSecret(admin, first);
    await admin.client.delete(`/oauth_applications/${first.id}/secrets/${first.secretId}`);
    expect((await endpoint(world, 'token')(GRANT, basic(first))).status).toBe(401);
    const since = Date.now();
    await told(admin, since, { title: 'Někdo používá zrušený přístup', words: ['Exporter', 'kcs_'] });
  });

  it('when a token is used whose client secret was revoked, or that of a deleted application, or an uninstalled extension’s key', async () => {
    const admin = await watched(world, slack);
    const exporter = await application(admin, { name: 'Exporter' });
    const { client } = await accessToken(world, exporter);
    await admin.client.delete(`/oauth_applications/${exporter.id}/secrets/${exporter.secretId}`);
    const extension = await installed(world, admin, (await project(admin)).id, { name: 'Sync' });
    await admin.client.delete(`/extensions/${extension.id}`);
    const retired = await application(admin, { name: 'Retired' });
    const { client: gone } = await accessToken(world, retired);
    await admin.client.delete(`/oauth_applications/${retired.id}`);
    for (const each of [client, gone]) await each.get('/me');
    await extension.client.get('/me');
    await alertOf(admin, 'revoked_credential_used', ({ subject }) => subject.type === 'oauth_application' && subject.name === 'Exporter');
    await alertOf(admin, 'revoked_credential_used', ({ subject }) => subject.type === 'oauth_application' && subject.name === 'Retired');
    await alertOf(admin, 'revoked_credential_used', ({ subject }) => subject.type === 'extension' && subject.name === 'Sync');
  });

  it('when a refresh token is used again, long after it was replaced', async () => {
    const admin = await watched(world, slack);
    const other = await world.login(admin.email);
    const refresh = async () => world.visitor.post('/auth/refresh', { refresh_token: other.refreshToken });
    expect((await refresh()).status).toBe(200);
    world.clock.advance({ seconds: 11 });
    expect((await refresh()).status).toBe(401);
    const since = Date.now();
    await told(admin, since, { title: 'Obnovovací token byl použit dvakrát', words: ['127.0.0.1', 'Jan Novak'] });
    expect((await alertOf(admin, 'refresh_token_reused')).severity).toBe('critical');
    // Whoever ends sessions of their own steals nothing.
    await world.login(admin.email);
    await admin.client.delete('/auth/sessions');
    await settled(world);
    expect((await alerts(admin)).map(({ type, count }) => [type, count])).toEqual([['refresh_token_reused', 1]]);
  });

  it('when twelve sign-ins fail on an account, and not when nine do', async () => {
    const [admin, other] = [await watched(world, slack), await watched(world, slack)];
    const fail = async (email: string, ip: string) => world.visitor.with(from(ip)).post('/auth/login', { email, password: 'WrongPass123!' });
    for (let i = 0; i < 9; i += 1) await fail(other.email, '198.51.100.1');
    for (let i = 0; i < 12; i += 1) await fail(admin.email, '198.51.100.2');
    const since = Date.now();
    await told(admin, since, { title: 'Mnoho neúspěšných přihlášení', words: ['198.51.100.2'] });
    // Of the account alone: an address that tries one account is no news of its own.
    expect((await alerts(admin)).map(({ type, subject }) => [type, subject])).toEqual([['failed_logins', { type: 'user', id: admin.id, name: 'Jan Novak' }]]);
    expect(await alerts(other)).toEqual([]);
  });

  it('when ten fail within fifteen minutes, and not when they lie further apart', async () => {
    const admin = await watched(world, slack);
    const fail = async (times: number) => {
      for (let i = 0; i < times; i += 1) await world.visitor.with(from('198.51.100.3')).post('/auth/login', { email: admin.email, password: 'WrongPass123!' });
      await settled(world);
    };
    await fail(6);
    world.clock.advance({ minutes: 16 });
    await fail(6);
    expect(await alerts(admin)).toEqual([]);
    await fail(4);
    expect((await alertOf(admin, 'failed_logins')).count).toBe(10);
  });

  it('when they fail on several accounts from one address', async () => {
    const [one, other] = [await watched(world, slack), await watched(world, slack)];
    for (let i = 0; i < 12; i += 1) {
      await world.visitor.with(from('198.51.100.77')).post('/auth/login', { email: i % 2 === 0 ? one.email : other.email, password: 'WrongPass123!' });
    }
    const since = Date.now();
    for (const admin of [one, other]) {
      await told(admin, since, { title: 'Mnoho neúspěšných přihlášení', words: ['198.51.100.77'] });
      expect((await alerts(admin)).map(({ subject }) => subject)).toEqual([{ type: 'address', id: null, name: '198.51.100.77' }]);
    }
    // Told once in the hour, and counted in it though there are few now.
    await settled(world);
    const { count } = await alertOf(one, 'failed_logins');
    world.clock.advance({ minutes: 20 });
    for (const { email } of [one, other]) await world.visitor.with(from('198.51.100.77')).post('/auth/login', { email, password: 'WrongPass123!' });
    await settled(world);
    for (const admin of [one, other]) {
      expect((await alertOf(admin, 'failed_logins')).count).toBe(count + 2);
      expect(await alerts(admin)).toHaveLength(1);
    }
  });

  it('when a hundred requests are refused for want of scope, and not when forty-nine are', async () => {
    const admin = await watched(world, slack);
    const [loud, quiet] = [await world.token(admin, { name: 'Loud', scopes: ['issues:read'] }), await world.token(admin, { name: 'Quiet', scopes: ['issues:read'] })];
    for (let i = 0; i < 49; i += 1) await quiet.client.get('/projects');
    for (let i = 0; i < 100; i += 1) expect((await loud.client.get('/projects')).status).toBe(403);
    const since = Date.now();
    await told(admin, since, { title: 'Mnoho odmítnutých požadavků', words: ['Loud', '127.0.0.1'] });
    const { count } = await alertOf(admin, 'refused_scopes');
    expect(count).toBeGreaterThanOrEqual(50);
    await eventually('all that were refused', async () => ((await alertOf(admin, 'refused_scopes')).count === 100 ? true : undefined));
    expect((await alerts(admin)).map(({ subject }) => subject.name)).toEqual(['Loud']);
  });

  it('when fifty are refused within ten minutes, however these lie on the clock', async () => {
    const admin = await watched(world, slack);
    const slow = await world.token(admin, { name: 'Slow', scopes: ['issues:read'] });
    const refused = async (times: number) => {
      for (let i = 0; i < times; i += 1) await slow.client.get('/projects');
      await world.instance.app.get(Traffic).flush();
    };
    // In the middle of a minute.
    world.clock.advance({ seconds: (90 - world.clock.now().getUTCSeconds()) % 60 });
    await refused(25);
    world.clock.advance({ minutes: 9, seconds: 50 });
    await refused(24);
    expect(await alerts(admin)).toEqual([]);
    await refused(1);
    expect((await alertOf(admin, 'refused_scopes')).count).toBe(50);
    await refused(5);
    expect((await alertOf(admin, 'refused_scopes')).count).toBe(55);
    // Told once in the hour, and counted in it though there are few now.
    world.clock.advance({ minutes: 20 });
    await refused(3);
    expect((await alertOf(admin, 'refused_scopes')).count).toBe(58);
    expect(await alerts(admin)).toHaveLength(1);
    const slower = await watched(world, slack);
    const other = await world.token(slower, { name: 'Slower', scopes: ['issues:read'] });
    for (let part = 0; part < 2; part += 1) {
      for (let i = 0; i < 30; i += 1) await other.client.get('/projects');
      await world.instance.app.get(Traffic).flush();
      world.clock.advance({ minutes: 11 });
    }
    expect(await alerts(slower)).toEqual([]);
  });

  it('when a credential is used from a network where it was never used, and not from its first one', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'Traveller' });
    const use = async (ip: string) => token.client.with(from(ip)).get('/me');
    await use('203.0.113.1');
    await use('203.0.113.250');
    await eventually('the first network', async () => ((await networks(token.id)).length === 1 ? true : undefined));
    expect(await alerts(admin)).toEqual([]);
    await use('2001:db8:7::1');
    const since = Date.now();
    await told(admin, since, { title: 'Přístup z nové sítě', words: ['2001:db8:7::1', 'Traveller'] });
    expect(await networks(token.id)).toEqual(['203.0.113.0/24', '2001:db8:7::/48']);
    await use('2001:db8:7:9::1');
    await use('203.0.113.4');
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect((await alerts(admin)).map(({ type, count }) => [type, count])).toEqual([['new_network', 1]]);
  });

  it('when a stored secret no longer opens', async () => {
    const admin = await watched(world, slack);
    const extension = await installed(world, admin, (await project(admin)).id, { name: 'Sync' });
    await admin.client.post(`/extensions/${extension.id}/secrets/API_TOKEN`, { value: 'x' });
    await world.database.sql('UPDATE extension_secrets SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE installation_id = $1', [extension.id]);
    expect((await extension.client.get(`/extensions/${extension.id}/secrets/API_TOKEN`)).status).toBe(500);
    const since = Date.now();
    await told(admin, since, { title: 'Uložené tajemství nelze otevřít', words: ['API_TOKEN'] });
  });
});

describe('the same cause and subject', () => {
  it('within an hour is counted and not told again; after it, told anew', async () => {
    const admin = await watched(world, slack);
    const token = await world.token(admin, { name: 'Again' });
    await admin.client.delete(`/workspace_api_tokens/${token.id}`);
    await token.client.get('/me');
    const first = await alertOf(admin, 'revoked_credential_used');
    await world.mailbox.to(admin.email, ({ subject }) => subject?.includes('zrušený přístup') === true);
    world.clock.advance({ minutes: 50 });
    await token.client.get('/me');
    await alertOf(admin, 'revoked_credential_used', ({ id, count }) => id === first.id && count === 2);
    world.clock.advance({ minutes: 11 });
    await token.client.get('/me');
    const later = await world.login(admin.email);
    const anew = await alertOf(later, 'revoked_credential_used', ({ id }) => id !== first.id);
    expect(anew.count).toBe(1);
    await eventually('the second mail', async () => (alertMails(world, admin.email).length === 2 ? true : undefined));
    const told = () => slack.received.filter(({ path }) => path === admin.channel).length;
    await eventually('the second message', async () => (told() >= 2 ? true : undefined));
    expect(told()).toBe(2);
  });
});

async function networks(tokenId: number): Promise<string[]> {
  const rows = await world.database.sql<{ networks: string[] }>(`SELECT networks::text[] AS networks FROM credential_networks WHERE kind = 'workspace_token' AND home_id = $1`, [tokenId]);
  return rows[0]?.networks ?? [];
}

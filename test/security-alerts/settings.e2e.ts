import { Rounds } from '#jobs';
import { SealedBox } from '#secrets';
import { type Person, World } from '../support/world.js';
import { SlackStandIn } from './slack.js';
import { alertMails, alertOf, eventually, raised, watched } from './watched.js';

const SLACK = 'https://hooks.slack.com/services/T000/B000/Zp7secret4321';
const MASK = 'https://hooks.slack.com/services/********4321';
const PATH = '/security_alert_settings';

let world: World;
let slack: SlackStandIn;
beforeAll(async () => {
  slack = await SlackStandIn.open();
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
  await slack.close();
});

describe('whom alerts reach', () => {
  it('is nobody in particular at first, and then whom an admin names', async () => {
    const { client } = await world.register();
    expect((await client.get(PATH)).body).toEqual({ emails: [], slack_webhook_url: null });
    const { status, body } = await client.put(PATH, { security_alert_settings: { emails: [' security@acme.cz ', 'security@acme.cz', 'Security@ACME.cz'], slack_webhook_url: SLACK } });
    expect([status, body]).toEqual([200, { emails: ['security@acme.cz'], slack_webhook_url: MASK }]);
    expect((await client.get(PATH)).body).toEqual({ emails: ['security@acme.cz'], slack_webhook_url: MASK });
  });

  it('stays what it was where it is left out, or the mask is sent back; null takes it away', async () => {
    const { client, organizationId } = await world.register();
    await client.put(PATH, { emails: ['a@acme.cz'], slack_webhook_url: SLACK });
    const sealed = await stored(organizationId);
    expect((await client.put(PATH, { emails: ['b@acme.cz'] })).body).toEqual({ emails: ['b@acme.cz'], slack_webhook_url: MASK });
    expect((await client.put(PATH, { slack_webhook_url: MASK })).body).toEqual({ emails: ['b@acme.cz'], slack_webhook_url: MASK });
    expect(await stored(organizationId)).toEqual(sealed);
    expect((await client.put(PATH, { slack_webhook_url: null })).body).toEqual({ emails: ['b@acme.cz'], slack_webhook_url: null });
    expect((await client.put(PATH, { emails: [] })).body).toEqual({ emails: [], slack_webhook_url: null });
  });

  it('holds a Slack address that nobody reads: neither in the database, nor in the log, nor in the trail', async () => {
    const { client, organizationId } = await world.register();
    await client.put(PATH, { slack_webhook_url: SLACK });
    const [dump] = await world.database.sql<{ text: string }>(`SELECT concat((SELECT string_agg(s::text, '') FROM security_alert_settings s), (SELECT string_agg(e::text, '') FROM audit_entries e)) AS text`);
    expect(dump?.text).not.toMatch(/Zp7secret4321|hooks\.slack/);
    expect(Buffer.from((await stored(organizationId)) as string, 'hex').toString('latin1')).not.toContain('Zp7secret4321');
    expect(world.logs.join('')).not.toContain('Zp7secret4321');
  });

  it('holds one that somebody changed in the database for none, and takes another', async () => {
    const { client, organizationId } = await world.register();
    await client.put(PATH, { emails: ['a@acme.cz'], slack_webhook_url: SLACK });
    await world.database.sql('UPDATE security_alert_settings SET sealed_slack_url = set_byte(sealed_slack_url, 20, get_byte(sealed_slack_url, 20) # 1) WHERE organization_id = $1', [organizationId]);
    expect((await client.get(PATH)).body).toEqual({ emails: ['a@acme.cz'], slack_webhook_url: null });
    expect((await client.put(PATH, { slack_webhook_url: SLACK })).body).toEqual({ emails: ['a@acme.cz'], slack_webhook_url: MASK });
  });

  it('is audited, by what changed', async () => {
    const { client, organizationId, id } = await world.register();
    await client.put(PATH, { emails: ['a@acme.cz'], slack_webhook_url: SLACK });
    await client.put(PATH, { emails: ['a@acme.cz'], slack_webhook_url: MASK });
    const events = await world.database.sql(`SELECT actor_type, actor_id, target_type, target_id, metadata FROM audit_entries WHERE action = 'settings.changed' AND chain = $1`, [`organization:${organizationId}`]);
    expect(events).toEqual([
      { actor_type: 'user', actor_id: String(id), target_type: 'organization', target_id: String(organizationId), metadata: { changed: ['security_alerts.emails', 'security_alerts.slack_webhook_url'] } },
    ]);
  });

  it.each<[string, object, string]>([
    ['another host', { slack_webhook_url: 'https://evil.example/services/T/B/x' }, 'slack_webhook_url'],
    ['userinfo', { slack_webhook_url: 'https://hooks.slack.com@evil.example/services/T/B/x' }, 'slack_webhook_url'],
    ['a port', { slack_webhook_url: 'https://hooks.slack.com:8443/services/T/B/x' }, 'slack_webhook_url'],
    ['plain http', { slack_webhook_url: 'http://hooks.slack.com/services/T/B/x' }, 'slack_webhook_url'],
    ['the cloud’s own address', { slack_webhook_url: 'http://169.254.169.254/services/T/B/x' }, 'slack_webhook_url'],
    ['loopback, without the setting', { slack_webhook_url: 'http://127.0.0.1:1/services/T/B/x' }, 'slack_webhook_url'],
    ['a mask of nothing', { slack_webhook_url: MASK }, 'slack_webhook_url'],
    ['a number', { slack_webhook_url: 7 }, 'slack_webhook_url'],
    ['a list of addresses in one', { emails: ['a@acme.cz,b@acme.cz'] }, 'emails'],
    ['a line end', { emails: ['a@acme.cz\r\nBcc: b@acme.cz'] }, 'emails'],
    ['no list', { emails: 'a@acme.cz' }, 'emails'],
    ['too many', { emails: Array.from({ length: 21 }, (_, index) => `a${index}@acme.cz`) }, 'emails'],
  ])('is not %s, and then nothing changes', async (_, body, field) => {
    const { client, organizationId } = await world.register();
    const answer = await client.put(PATH, body);
    expect([answer.status, answer.body.details?.[0].field]).toEqual([422, field]);
    expect(await world.database.sql('SELECT 1 FROM security_alert_settings WHERE organization_id = $1 AND (sealed_slack_url IS NOT NULL OR emails <> $2)', [organizationId, []])).toEqual([]);
  });
});

describe('an alert reaches', () => {
  const TITLES = { cs: 'zrušený přístup', de: 'Zugang wird benutzt', en: 'credential is being used' };
  const caused = async (admin: Person) => {
    const token = await world.token(admin);
    await admin.client.delete(`/workspace_api_tokens/${token.id}`);
    await token.client.get('/me');
    await alertOf(admin, 'revoked_credential_used');
    await eventually('nothing that waits', async () => ((await world.database.sql(`SELECT 1 FROM jobs.job WHERE name IN ('mail', 'slack')`)).length === 0 ? true : undefined));
  };
  /** Who got which title, in the order of the addresses. */
  const told = (...addresses: string[]) => addresses.map((address) => {
    const subjects = world.mailbox.received.filter(({ recipients }) => recipients.includes(address)).map(({ subject }) => subject ?? '');
    return subjects.flatMap((subject) => Object.entries(TITLES).flatMap(([locale, title]) => (subject.includes(title) ? [locale] : []))).join();
  });

  it('each admin in their own language, and no member, where nobody is named', async () => {
    const admin = await world.register();
    const second = await world.member(admin, 'admin');
    const member = await world.member(admin);
    await second.client.put('/auth/me', { locale: 'de' });
    await caused(admin);
    expect(told(admin.email, second.email, member.email)).toEqual(['cs', 'de', '']);
  });

  it('those who are named and nobody else, an admin in their own language, others in the product’s', async () => {
    const admin = await world.register();
    const second = await world.member(admin, 'admin');
    await second.client.put('/auth/me', { locale: 'en' });
    const [team, capital] = [world.freshEmail(), `U${second.email.slice(1)}`];
    await admin.client.put(PATH, { emails: [team, capital] });
    await caused(admin);
    expect(told(admin.email, team, capital)).toEqual(['', 'cs', 'en']);
  });
});

describe('what rules count by', () => {
  it('is forgotten a day after no rule looks back to it, and not before', async () => {
    const ages = ['25 hours', '23 hours', '1 minute'];
    for (const age of ages) {
      await world.database.sql(`INSERT INTO failed_logins (product_id, failed_at) VALUES (999, now() - $1::interval)`, [age]);
      await world.database.sql(`INSERT INTO refusal_counts (kind, credential_id, minute, count) VALUES ('extension', 999, now() - $1::interval, 1)`, [age]);
    }
    const { rounds } = world.instance.app.get(Rounds) as unknown as { rounds: readonly { name: string; work: () => Promise<void> }[] };
    await rounds.find(({ name }) => name === 'what no alert needs')?.work();
    const [left] = await world.database.sql(`SELECT (SELECT count(*)::int FROM failed_logins WHERE product_id = 999) AS failed, (SELECT count(*)::int FROM refusal_counts WHERE credential_id = 999) AS refused`);
    expect(left).toEqual({ failed: 2, refused: 2 });
  });
});

describe('members and viewers', () => {
  it.each(['member', 'viewer'] as const)('a %s neither sees nor changes alerts and their settings', async (role) => {
    const admin = await world.register();
    const { client } = await world.member(admin, role);
    for (const answer of [await client.get(PATH), await client.put(PATH, { emails: [] }), await client.get('/security_alerts'), await client.post('/security_alerts/1/acknowledge')]) {
      expect([answer.status, answer.body.error]).toEqual([403, 'forbidden']);
    }
  });

  it('a token without admin neither', async () => {
    const { client } = await world.token(await world.register(), { scopes: ['issues', 'users'] });
    expect((await client.get('/security_alerts')).body).toMatchObject({ error: 'insufficient_scope', required_scopes: expect.anything() });
  });
});

describe('an alert', () => {
  it('is acknowledged once, by admins of its organization, in their own language', async () => {
    const [admin, stranger] = [await world.register(), await world.register()];
    const id = await raised(world, admin);
    const acknowledge = `/security_alerts/${id}/acknowledge`;
    expect((await stranger.client.post(acknowledge)).status).toBe(404);
    expect((await stranger.client.get('/security_alerts')).body).toEqual({ data: [], meta: { current_page: 1, per_page: 25, total_pages: 0, total_count: 0 } });
    const first = await admin.client.post(acknowledge);
    expect([first.status, first.body.acknowledged_at, first.body.message]).toEqual([200, expect.stringMatching(/Z$/), 'Poprvé použito z adresy 203.0.113.5: API token „CI“.']);
    expect((await admin.client.with({ 'accept-language': 'de' }).post(acknowledge)).body).toEqual({ ...first.body, message: 'Zum ersten Mal von der Adresse 203.0.113.5 aus benutzt: das API-Token „CI“.' });
    const acknowledged = (await admin.client.get('/audit_events?action=security_alert.')).body.data as Record<string, unknown>[];
    expect(acknowledged.map(({ actor, action, target, metadata }) => ({ actor, action, target, metadata }))).toEqual([
      { actor: { type: 'user', id: admin.id, name: 'Jan Novak' }, action: 'security_alert.acknowledged', target: { type: 'security_alert', id: id, name: null }, metadata: { type: 'new_network' } },
    ]);
  });
});

describe('Slack', () => {
  it('is not called at an address that another setting once let in', async () => {
    const admin = await world.register();
    await admin.client.put(PATH, { slack_webhook_url: SLACK });
    const sealed = world.instance.app.get(SealedBox).seal(slack.url(), `security_alert_settings/${admin.organizationId}`);
    await world.database.sql('UPDATE security_alert_settings SET sealed_slack_url = $2 WHERE organization_id = $1', [admin.organizationId, sealed]);
    const calls = slack.calls;
    const token = await world.token(admin);
    await admin.client.delete(`/workspace_api_tokens/${token.id}`);
    await token.client.get('/me');
    await alertOf(admin, 'revoked_credential_used');
    await eventually('nothing that waits', async () => ((await world.database.sql(`SELECT 1 FROM jobs.job WHERE name IN ('mail', 'slack')`)).length === 0 ? true : undefined));
    expect([alertMails(world, admin.email).length, slack.calls - calls]).toEqual([1, 0]);
  });

  it('is not followed to where it sends us, however often', async () => {
    const loose = await World.start({ env: { ALERTS_ALLOW_HTTP: '1' } });
    try {
      const admin = await watched(loose, slack);
      slack.answer = { status: 302, headers: { location: slack.url('/services/elsewhere/x') } };
      const token = await loose.token(admin);
      await admin.client.delete(`/workspace_api_tokens/${token.id}`);
      await token.client.get('/me');
      for (const deadline = Date.now() + 30_000; slack.calls === 0 && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 50));
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect([slack.calls, slack.received]).toEqual([1, []]);
      expect(loose.logs.join('')).not.toContain(admin.channel);
    } finally {
      slack.answer = { status: 200 };
      await loose.stop();
    }
  });
});

async function stored(organizationId: number): Promise<string | undefined> {
  const [row] = await world.database.sql<{ sealed: string }>(`SELECT encode(sealed_slack_url, 'hex') AS sealed FROM security_alert_settings WHERE organization_id = $1`, [organizationId]);
  return row?.sealed;
}

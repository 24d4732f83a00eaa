import pino from 'pino';
import { Traffic } from '#access';
import { SigningKeys } from '#jwt';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import { billingWorld, CONNECT_SECRET, deliver, PLATFORM_SECRET, SECRET_KEY, signatureOf, stripeEvent, stripeSubscription } from '../billing/billing-world.js';
import type { StripeServer } from '../billing/stripe-server.js';
import { installed, project } from '../extensions/installation.js';
import { accept, invite, verdict } from '../members/invitations.js';
import { accessToken, anotherSecret, application, basic, endpoint } from '../oauth/application.js';
import { SlackStandIn } from '../security-alerts/slack.js';
import type { Answer } from '../support/client.js';
import { type ReceivedMail, tokenIn } from '../support/mailbox.js';
import type { Person, World } from '../support/world.js';
import { eventually } from './trail.js';

// The tour through everything waits for mails, retries and rounds.
jest.setTimeout(180_000);

const PASSWORDS = ['Tour-of-Jan-1!', 'Tour-of-Jan-2!', 'Tour-of-Jan-3!', 'Tour-of-Eva-1!', 'Tour-of-Eva-2!', 'Never-the-right-1!'] as const;

/** Of extensions, as they store them. */
const STORED = ['Stored-by-an-extension-1', 'Stored-by-an-extension-2'] as const;
const SLACK_PATH = '/services/T0AUDIT/B0AUDIT/Zp7OfOurSlack99';

let world: World;
let stripe: StripeServer;
let slack: SlackStandIn;
/** Every secret that went over the wire, and the one mail in which it may stand. */
const secrets = new Map<string, ReceivedMail | null>();

/** What admins are shown of what happened: lists, exports, alerts, notifications. */
const shown: string[] = [];

beforeAll(async () => {
  slack = await SlackStandIn.open();
  ({ world, stripe } = await billingWorld({ ALERTS_ALLOW_HTTP: '1', TRUST_PROXY: '127.0.0.1' }));
  world.instance.app.useLogger(new JsonLogger(pino({ level: 'trace' }, { write: (line: string) => void world.logs.push(line) })));
  for (const secret of [...PASSWORDS, ...STORED, SLACK_PATH, SECRET_KEY, PLATFORM_SECRET, CONNECT_SECRET, ...ownKeys()]) secrets.set(secret, null);
  await tour();
  // What lies in a queue is done, or it is found in the dump.
  await eventually(async () => (await world.database.sql(`SELECT id FROM jobs.job WHERE state <> 'completed'`)).length === 0, 30);
});
afterAll(async () => {
  await world.stop();
  await stripe.stop();
  await slack.close();
});

/** What the service seals, peppers and signs with. */
function ownKeys(): string[] {
  const { secretsKey, passwordPepper } = world.config;
  const { privateKey } = world.instance.app.get(SigningKeys).signer();
  const d = privateKey.export({ format: 'jwk' })['d'] as string;
  return [secretsKey, passwordPepper, Buffer.from(d, 'base64url')].flatMap((key) => (['base64', 'base64url', 'hex', 'latin1'] as const).map((form) => key.toString(form)));
}

function keep(person: Person): Person {
  secrets.set(person.accessToken, null).set(person.refreshToken, null);
  return person;
}

async function mailed(email: string, word: string): Promise<string> {
  const mail = await world.mailbox.to(email, (one) => one.text?.includes(word) === true);
  secrets.set(tokenIn(mail), mail);
  return tokenIn(mail);
}

/** Through every endpoint of auth and members, with what is right and with what is wrong. */
async function tour(): Promise<void> {
  const [first, second, third, evas, evasNext, wrong] = PASSWORDS;
  const jan = keep(await world.register({ password: first }));
  const other = keep(await world.register({ email: jan.email, password: first }));
  const { visitor } = world;

  for (const path of ['login', 'register', 'login/select_org']) {
    await visitor.post(`/auth/${path}`, { email: jan.email, password: wrong, name: 'X', organization_name: 'X', organization_id: jan.organizationId });
  }
  await visitor.post(`/auth/login?password=${wrong}&token=${jan.accessToken}`, `{"password":"${wrong}`);
  await visitor.post('/auth/login', { email: { password: first }, password: [first] });

  const { login_token } = (await visitor.post('/auth/login', { email: jan.email, password: first })).body;
  secrets.set(login_token, null);
  keep(world.person((await visitor.post('/auth/login/select_org', { organization_id: jan.organizationId, login_token })).body));
  keep(world.person((await jan.client.post('/auth/switch_org', { organization_id: other.organizationId })).body));

  const { body: pair } = await visitor.post('/auth/refresh', { refresh_token: jan.refreshToken });
  secrets.set(pair.access_token, null).set(pair.refresh_token, null);
  await visitor.post('/auth/refresh', { refresh_token: jan.refreshToken });
  await visitor.bearer(pair.refresh_token).get(`/auth/me?access_token=${pair.access_token}`);
  await visitor.get(`/auth/me?token=${pair.access_token}`);

  await jan.client.get('/auth/me');
  await jan.client.put('/auth/me', { password: second, current_password: wrong });
  await jan.client.put('/auth/me', { password: second, password_confirmation: second, current_password: first });
  await jan.client.get('/auth/sessions');
  await jan.client.delete('/auth/sessions');

  await visitor.post('/auth/forgot_password', { email: jan.email });
  const reset = await mailed(jan.email, 'reset-password');
  await visitor.put('/auth/reset_password', { token: reset, password: 'short' });
  expect(verdict(await visitor.put('/auth/reset_password', { token: reset, password: third }))).toBe('200');
  await visitor.put('/auth/reset_password', { token: reset, password: third });

  const choice = (await visitor.post('/auth/login', { email: jan.email, password: third })).body;
  secrets.set(choice.login_token, null);
  const admin = keep(world.person((await visitor.post('/auth/login/select_org', { email: jan.email, password: third, organization_id: jan.organizationId })).body));

  const invitation = await invite(world, admin);
  secrets.set(invitation.token, invitation.mail);
  await accept(world, invitation.token, { password: 'short' });
  const eva = keep(world.person((await accept(world, invitation.token, { password: evas })).body));
  await accept(world, invitation.token, { password: evas });
  const waiting = await invite(world, admin);
  secrets.set(waiting.token, waiting.mail);
  await tokens(admin);
  await machines(admin);
  await payments(admin);
  await warnings(admin);
  for (const path of ['/audit_events?per_page=100', '/audit_events.ndjson', '/audit_events.csv', '/audit_checkpoints', '/security_alerts', '/security_alert_settings', '/notifications', '/oauth_applications', '/extensions']) {
    const { status, body } = await admin.client.get(path);
    expect([path, status]).toEqual([path, 200]);
    shown.push(typeof body === 'string' ? body : JSON.stringify(body));
  }
  await admin.client.patch(`/users/${eva.id}`, { user: { role: 'viewer' } });
  await breakDown(eva, evas, evasNext);
  await admin.client.delete(`/users/${eva.id}`);
  await admin.client.post('/auth/logout');
  await visitor.post('/auth/forgot_password', { email: eva.email });
  await mailed(eva.email, 'reset-password');
}

/** A token's life: issued, shown, put where it does not belong, rotated with and without a grace, used when dead, revoked. */
async function tokens({ client }: Person): Promise<void> {
  const { visitor } = world;
  const { body: first } = await client.post('/workspace_api_tokens', { name: 'CI', scopes: ['issues', 'admin'] });
  const own = `/workspace_api_tokens/${first.id}`;
  const rotated = async (body: object) => (await client.post(`${own}/rotate`, body)).body.token as string;
  const all = [first.token as string, await rotated({ grace_period_seconds: 60 }), await rotated({})];
  for (const secret of all) {
    secrets.set(secret, null);
    await visitor.bearer(secret).get('/workspace_api_tokens');
    await visitor.bearer(secret).patch(own, { name: { secret } });
    await visitor.bearer(secret).get(`/issues?access_token=${secret}`);
    await visitor.get(`/issues?token=${secret}&api_key=${secret}`);
    await visitor.with({ 'x-kiket-api-key': secret }).get('/issues');
    await visitor.get(`/workspace_api_tokens/${secret}`);
    await visitor.post('/workspace_api_tokens', { name: 'CI', scopes: [secret] });
  }
  await client.get('/workspace_api_tokens');
  await client.patch(own, { name: 'Other' });
  for (const table of ['audit_pending', 'workspace_token_secrets']) {
    await world.database.sql(`ALTER TABLE ${table} RENAME TO gone`);
    expect(verdict(await client.post(`${own}/rotate`))).toBe('500 internal_error');
    expect(verdict(await client.post('/workspace_api_tokens', { name: 'CI' }))).toBe('500 internal_error');
    await world.database.sql(`ALTER TABLE gone RENAME TO ${table}`);
  }
  expect(verdict(await client.delete(own))).toBe('204');
}

/** Secrets of applications and extensions, and what extensions store, put where they belong and where not; and reported as leaked. */
async function machines({ client }: Person): Promise<void> {
  const { visitor, stranger } = world;
  const first = await application({ client }, { scopes: ['issues'] });
  const second = await anotherSecret({ client }, first);
  const { token } = await accessToken(world, second);
  const { id: projectId } = await project({ client });
  const extension = await installed(world, { client }, projectId);
  const own = `/extensions/${extension.id}/secrets`;
  const rotated = (await client.post(`${own}/api_key/rotate`, { grace_period_seconds: 60 })).body.api_key as string;
  for (const secret of [first.secret, second.secret, token, extension.key, rotated]) {
    secrets.set(secret, null);
    await visitor.bearer(secret).get(`/issues?access_token=${secret}`);
    await visitor.with({ 'x-kiket-api-key': secret }).get('/issues');
    await endpoint(world, 'token')({ grant_type: 'client_credentials', client_id: first.clientId, client_secret: secret, scope: secret });
    await endpoint(world, 'introspect')({ token: secret }, basic(second));
    await endpoint(world, 'revoke')({ token: 'x', token_type_hint: secret }, basic({ clientId: secret, secret }));
  }
  for (const [index, value] of STORED.entries()) {
    expect(verdict(await client.post(`${own}/TOKEN_${index}`, { value }))).toBe('200');
    await world.bearer(rotated).get(`${own}/TOKEN_${index}?value=${value}`);
    await client.patch(`${own}/TOKEN_${index}`, { secret: { value: [value] } });
  }
  await world.database.sql('ALTER TABLE extension_secrets RENAME TO gone');
  expect(verdict(await client.post(`${own}/TOKEN_0`, { value: STORED[1] }))).toBe('500 internal_error');
  await world.database.sql('ALTER TABLE gone RENAME TO extension_secrets');
  for (const credential of [first.secret, token, extension.key, rotated]) await stranger.post('/api/v1/leaked_credentials', { credential, source_url: 'https://paste.example/1' });
  await stranger.post('/api/v1/leaked_credentials', `{"credential":"${second.secret}`);
}

/** A checkout that Stripe takes and one that it refuses, an event with a good signature, with a bad one, and of another account. */
async function payments({ client, organizationId }: Person): Promise<void> {
  const checkout = { plan_tier: 'team', success_url: 'https://app.spravce-gdpr.test/ok', cancel_url: 'https://app.spravce-gdpr.test/no' };
  await client.post('/billing/checkout_session', checkout);
  stripe.failsWith = 401;
  await client.post('/billing/checkout_session', checkout);
  await client.post('/billing/portal_session', { return_url: 'https://app.spravce-gdpr.test' });
  stripe.failsWith = null;
  const event = stripeEvent('customer.subscription.updated', stripeSubscription({ organizationId }));
  expect((await deliver(world, event)).status).toBe(200);
  expect((await deliver(world, event, `${signatureOf(event)},v1=${PLATFORM_SECRET}`)).status).toBe(200);
  expect((await deliver(world, event, `t=1,v1=${PLATFORM_SECRET}`)).status).toBe(400);
  await deliver(world, stripeEvent('invoice.paid', { id: 'in_1', object: 'invoice', metadata: { organization_id: String(organizationId) } }, { account: 'acct_other' }), undefined);
}

/** An alert that Slack takes at its second try, with a link that is looked at, and confirmed. */
async function warnings(admin: Person): Promise<void> {
  const { client, email } = admin;
  const settings = async () => client.put('/security_alert_settings', { slack_webhook_url: slack.url(SLACK_PATH) });
  await world.database.sql('ALTER TABLE security_alert_settings RENAME TO gone');
  expect(verdict(await settings())).toBe('500 internal_error');
  await world.database.sql('ALTER TABLE gone RENAME TO security_alert_settings');
  await client.put('/security_alert_settings', { slack_webhook_url: `https://evil.example${SLACK_PATH}` });
  expect(verdict(await settings())).toBe('200');
  slack.answer = { status: 500 };
  await travel(admin);
  const mail = await world.mailbox.to(email, ({ text }) => text?.includes('/security_alerts/confirm') === true);
  const token = /kal_[0-9a-f]{48}/.exec(mail.text ?? '')?.[0] ?? '';
  secrets.set(token, mail);
  await eventually(async () => slack.calls > 0);
  slack.answer = { status: 200 };
  await slack.message(({ text }) => text.includes(token), 30);
  const page = '/security_alerts/confirm';
  const asForm = world.stranger.with({ 'content-type': 'application/x-www-form-urlencoded' });
  await asForm.get(`${page}?token=${token}`);
  await asForm.get(`${page}?token=${token}&token=${token}`);
  await asForm.get(`${page}/${token}`);
  await asForm.send('PUT', page, `token=${token}`);
  await world.database.sql('ALTER TABLE security_alert_actions RENAME TO gone');
  expect((await asForm.post(page, `token=${token}`)).status).toBe(500);
  await world.database.sql('ALTER TABLE gone RENAME TO security_alert_actions');
  expect((await asForm.post(page, `token=${token}`)).status).toBe(200);
  expect((await asForm.post(page, `token=${token}`)).status).toBe(404);
}

/** A new token of this admin's is used from one network, and then from another. */
async function travel(admin: Person): Promise<void> {
  const { token, client } = await world.token(admin);
  secrets.set(token, null);
  for (const network of ['203.0.113.1', '198.51.100.1']) {
    await client.with({ 'x-forwarded-for': network }).get('/me');
    await world.instance.app.get(Traffic).flush();
  }
}

/** The same while the database refuses: what an error says of itself must not hold what was sent, nor what was to be stored. */
async function breakDown(person: Person, current: string, next: string): Promise<void> {
  const { visitor } = world;
  const register = async () => visitor.post('/auth/register', { email: world.freshEmail(), password: current, name: 'X', organization_name: 'X' });
  const login = async () => visitor.post('/auth/login', { email: person.email, password: current });
  const refresh = async () => visitor.post('/auth/refresh', { refresh_token: person.refreshToken });
  const change = async () => person.client.put('/auth/me', { password: next, current_password: current });
  const broken: [string, (() => Promise<Answer>)[]][] = [
    ['audit_pending', [register, login, refresh, change]],
    ['passwords', [register, login, change]],
    ['password_resets', [change]],
  ];
  for (const [table, acts] of broken) {
    await world.database.sql(`ALTER TABLE ${table} RENAME TO gone`);
    for (const act of acts) expect(verdict(await act())).toBe('500 internal_error');
    await world.database.sql(`ALTER TABLE gone RENAME TO ${table}`);
  }
}

/** The part of a secret that must not be told; of a JWT its signature, without which the rest is public. Bytes of a key may hold a dot too. */
const telling = (secret: string) => (secret.startsWith('eyJ') ? (secret.split('.').at(-1) ?? secret) : secret);

const spellings = (secret: string) => {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), encodeURIComponent(secret)];
};

function leaksIn(text: string, but: (secret: string) => boolean = () => false): string[] {
  return [...secrets.keys()].filter((secret) => !but(secret) && spellings(telling(secret)).some((spelling) => text.includes(spelling)));
}

it('knows what it looks for', async () => {
  expect(secrets.size).toBeGreaterThanOrEqual(PASSWORDS.length + 45);
  for (const secret of secrets.keys()) {
    expect(telling(secret).length).toBeGreaterThan(10);
    expect(leaksIn(`x ${telling(secret)} y`)).toContain(secret);
  }
});

it('no secret stands in a log line, be it of an answer, a refusal or an error', () => {
  expect(world.logs.length).toBeGreaterThan(40);
  expect(world.logs.some((line) => line.includes('unexpected error'))).toBe(true);
  expect(leaksIn(world.logs.join('\n'))).toEqual([]);
});

it('no hash of a password stands in a log line either', () => {
  expect(world.logs.join('\n')).not.toMatch(/\$2[aby]\$\d\d\$/);
});

/** Every row of every table, bytes in three spellings. */
async function dump(): Promise<string> {
  const tables = await world.database.sql<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['public.users', 'public.sessions', 'public.audit_entries', 'jobs.job_common']));
  const bytes = (value: unknown) => (Buffer.isBuffer(value) ? (['latin1', 'hex', 'base64'] as const).map((form) => value.toString(form)) : [value]);
  let text = '';
  for (const { name } of tables) {
    const rows = await world.database.sql<Record<string, unknown>>(`SELECT * FROM ${name}`);
    text += JSON.stringify(rows.map((row) => Object.values(row).flatMap(bytes)));
  }
  return text;
}

it('no secret stands in the database, in any schema, as text or as bytes', async () => {
  const rows = await dump();
  expect(rows.length).toBeGreaterThan(10_000);
  expect(leaksIn(rows)).toEqual([]);
});

it('no secret stands in what admins are shown of what happened, nor in what Slack is told, but for the one link', () => {
  expect(shown.join('').length).toBeGreaterThan(20_000);
  expect(leaksIn(shown.join('\n'))).toEqual([]);
  expect(slack.received.length).toBeGreaterThan(0);
  expect(leaksIn(slack.received.map(({ text }) => text).join('\n'), (secret) => secret.startsWith('kal_'))).toEqual([]);
});

it('no link stands in the database while its mail or its message waits', async () => {
  await world.database.sql(`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.start_after := now() + interval ''1 hour''; RETURN NEW; END'`);
  await world.database.sql(`CREATE TRIGGER hold BEFORE INSERT ON jobs.job_common FOR EACH ROW WHEN (NEW.name IN ('mail', 'slack')) EXECUTE FUNCTION hold()`);
  const admin = await world.register();
  await admin.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } });
  await world.visitor.post('/auth/forgot_password', { email: admin.email });
  await admin.client.put('/security_alert_settings', { slack_webhook_url: slack.url() });
  await travel(admin);
  const waiting = async () => world.database.sql(`SELECT data FROM jobs.job WHERE name IN ('mail', 'slack')`);
  await eventually(async () => (await waiting()).length === 4);
  // Nobody has seen these secrets; but they look like nothing else.
  expect(await dump()).not.toMatch(/k(?:in|rt|al)_[0-9a-f]{48}/);
});

it('no secret stands in a mail, but for the one link in its own recipient’s', () => {
  expect(world.mailbox.received.length).toBeGreaterThan(4);
  for (const mail of world.mailbox.received) {
    const text = JSON.stringify([mail.subject, mail.text, mail.html, [...mail.headers]]);
    expect(leaksIn(text, (secret) => secrets.get(secret) === mail)).toEqual([]);
  }
});

import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { accept, invite, verdict } from '../members/invitations.js';
import { linkToken, raised } from '../security-alerts/watched.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { eventually, sessionOf, settled } from './trail.js';

const NEW_PASSWORD = 'Another456!';
/** Tries and requests are counted whatever becomes of them, and so are networks; the sealer works on in the background. */
const APART = [
  'attempts', 'known_networks', 'usage_counts', 'refusal_counts', 'credential_networks', 'audit_pending', 'audit_seals', 'audit_feed_readers', 'migrations',
];

let world: World;
let admin: Person;
let member: Person;
let operator: Operator;
beforeAll(async () => {
  world = await World.start();
  operator = world.instance.app.get(Operator, { strict: false });
  await world.database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no ink''; END'`);
});
beforeEach(async () => {
  admin = await world.register();
  member = await world.member(admin);
});
afterAll(async () => {
  await world.stop();
});

/** The trail takes no entry while this goes on. */
async function withoutInk<T>(during: () => Promise<T>): Promise<T> {
  await world.database.sql('CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()');
  try {
    return await during();
  } finally {
    await world.database.sql('DROP TRIGGER refuse ON audit_pending');
  }
}

/** Every row that is there, once what follows from what was done before is done too. */
async function state(): Promise<unknown> {
  await settled(world);
  const tables = await world.database.sql<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL($1) ORDER BY 1`, [APART]);
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) rows[name] = await world.database.sql(`SELECT * FROM "${name}" AS t ORDER BY t::text`);
  return rows;
}

const freshForm = () => ({ email: world.freshEmail(), password: PASSWORD, name: 'Eva', organization_name: 'Acme' });
const login = async (email: string, password = PASSWORD) => world.visitor.post('/auth/login', { email, password });
const resetToken = async ({ email }: Person) => {
  await world.visitor.post('/auth/forgot_password', { email });
  return tokenIn(await world.mailbox.reset(email));
};

type Act = () => Promise<Answer>;

/** On a token of somebody else, so that mails are due too. */
const onToken = async (act: (path: string) => Promise<Answer>): Promise<Act> => {
  const { id } = await world.token(await world.member(admin, 'admin'));
  return async () => act(`/workspace_api_tokens/${id}`);
};

/** Each act of headless auth, on tokens and on alerts: what precedes it, the act itself, and its answer once it can be recorded. */
const ACTS: [string, () => Promise<Act> | Act, string][] = [
  ['registering', () => { const form = freshForm(); return async () => world.visitor.post('/auth/register', form); }, '201'],
  ['registering a known address', () => async () => world.visitor.post('/auth/register', { ...freshForm(), email: member.email }), '201'],
  ['a login', () => async () => login(member.email), '200'],
  ['a refused login', () => async () => login(member.email, NEW_PASSWORD), '401 unauthorized'],
  [
    'the choice of an organization',
    async () => {
      const { organizationId } = await world.register({ email: member.email });
      const { login_token } = (await login(member.email)).body;
      return async () => world.visitor.post('/auth/login/select_org', { organization_id: organizationId, login_token });
    },
    '200',
  ],
  ['a switch', () => async () => member.client.post('/auth/switch_org', { organization_id: member.organizationId }), '200'],
  ['a refresh', () => async () => world.visitor.post('/auth/refresh', { refresh_token: member.refreshToken }), '200'],
  ['a logout', () => async () => member.client.post('/auth/logout'), '204'],
  ['the end of another session', async () => { const { accessToken } = await world.login(member.email); return async () => member.client.delete(`/auth/sessions/${sessionOf(accessToken)}`); }, '204'],
  ['the end of all others', async () => { await world.login(member.email); return async () => member.client.delete('/auth/sessions'); }, '204'],
  ['a new name', () => async () => member.client.put('/auth/me', { name: 'Jiná' }), '200'],
  ['a new password', () => async () => member.client.put('/auth/me', { password: NEW_PASSWORD, current_password: PASSWORD }), '200'],
  ['a reset', async () => { const token = await resetToken(member); return async () => world.visitor.put('/auth/reset_password', { token, password: NEW_PASSWORD }); }, '200'],
  ['an invitation', () => { const email = world.freshEmail(); return async () => admin.client.post('/users', { user: { email, name: 'Eva', role: 'member' } }); }, '201'],
  ['accepting as somebody new', async () => { const { token } = await invite(world, admin); return async () => accept(world, token, { password: PASSWORD }); }, '200'],
  [
    'accepting as somebody known',
    async () => {
      const { token } = await invite(world, admin, { email: (await world.register()).email });
      return async () => accept(world, token, { password: NEW_PASSWORD });
    },
    '200',
  ],
  ['another role', () => async () => admin.client.patch(`/users/${member.id}`, { user: { role: 'viewer' } }), '200'],
  ['a removal', () => async () => admin.client.delete(`/users/${member.id}`), '204'],
  ['a new token', () => async () => admin.client.post('/workspace_api_tokens', { name: 'CI' }), '201'],
  ['a new name of a token', async () => onToken(async (path) => admin.client.patch(path, { name: 'Other' })), '200'],
  ['a new secret of a token', async () => onToken(async (path) => admin.client.post(`${path}/rotate`)), '200'],
  ['whom alerts reach', () => async () => admin.client.put('/security_alert_settings', { emails: ['security@acme.cz'] }), '200'],
  ['an alert seen to', async () => { const id = await raised(world, admin); return async () => admin.client.post(`/security_alerts/${id}/acknowledge`); }, '200'],
  ['a reported leak', async () => { const { token } = await world.token(admin); return async () => world.stranger.post('/api/v1/leaked_credentials', { credential: token }); }, '202'],
  [
    'a confirmed link of an alert',
    async () => {
      const token = await linkToken(world, admin);
      return async () => world.stranger.with({ 'content-type': 'application/x-www-form-urlencoded' }).post('/security_alerts/confirm', `token=${token}`);
    },
    '200',
  ],
  ['the end of a token', async () => onToken(async (path) => admin.client.delete(path)), '204'],
];

it.each(ACTS)('%s that cannot be recorded does not happen, and happens later', async (_, prepare, success) => {
  const act = await prepare();
  const before = await state();
  const answer = await withoutInk(act);
  expect([answer.status, answer.body]).toEqual([500, { error: 'internal_error', message: expect.any(String), request_id: expect.any(String) }]);
  expect(await state()).toEqual(before);
  expect(verdict(await act())).toBe(success);
});

it('a stolen refresh token that cannot be recorded ends nothing yet, and is refused all the same', async () => {
  const { body } = await world.visitor.post('/auth/refresh', { refresh_token: member.refreshToken });
  await world.visitor.post('/auth/refresh', { refresh_token: body.refresh_token });
  const before = await state();
  const theft = async () => world.visitor.post('/auth/refresh', { refresh_token: member.refreshToken });
  expect(verdict(await withoutInk(theft))).toBe('500 internal_error');
  expect(await state()).toEqual(before);
  expect(verdict(await theft())).toBe('401 token_revoked');
});

it.each<[string, () => Promise<unknown>]>([
  ['disabling a user', async () => operator.disableUser(member.email)],
  ['enabling a user', async () => operator.enableUser(member.email)],
  ['suspending an organization', async () => operator.suspendOrganization('spravce-gdpr', (await admin.client.get('/auth/me')).body.organization.slug)],
  ['a new signing key', async () => operator.rotateSigningKeys(true)],
])('%s that cannot be recorded does not happen', async (_, act) => {
  const before = await state();
  await expect(withoutInk(act)).rejects.toThrow('no ink');
  expect(await state()).toEqual(before);
});

it('a reset mail that cannot be recorded is not sent', async () => {
  await withoutInk(async () => {
    expect((await world.visitor.post('/auth/forgot_password', { email: member.email })).status).toBe(202);
    await eventually(async () => (await world.database.sql(`SELECT id FROM jobs.job WHERE name = 'password-reset-requests' AND state = 'retry'`)).length === 1);
    expect(await world.database.sql('SELECT * FROM password_resets WHERE user_id = $1', [member.id])).toEqual([]);
  });
});

import { verdict } from '../members/invitations.js';
import { type Person, PASSWORD, World } from '../support/world.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const registration = () => ({ email: world.freshEmail(), password: PASSWORD, password_confirmation: PASSWORD, name: 'Jan Novak', organization_name: 'Acme' });
const rows = async () => (await world.database.sql<{ total: number }>('SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM organizations) AS total'))[0]?.total;

/** Every text that somebody may send, with what else its request needs. */
const TEXTS: readonly [string, 'POST' | 'PUT', string, string, () => Record<string, unknown>][] = [
  ['email', 'POST', '/auth/register', 'email', registration],
  ['password', 'POST', '/auth/register', 'password', registration],
  ['password_confirmation', 'POST', '/auth/register', 'password_confirmation', registration],
  ['name', 'POST', '/auth/register', 'name', registration],
  ['organization_name', 'POST', '/auth/register', 'organization_name', registration],
  ['email', 'POST', '/auth/login', 'email', () => ({ password: PASSWORD })],
  ['password', 'POST', '/auth/login', 'password', () => ({ email: world.freshEmail() })],
  ['login_token', 'POST', '/auth/login/select_org', 'login_token', () => ({ organization_id: 1 })],
  ['email', 'POST', '/auth/login/select_org', 'email', () => ({ organization_id: 1, password: PASSWORD })],
  ['refresh_token', 'POST', '/auth/refresh', 'refresh_token', () => ({})],
  ['email', 'POST', '/auth/forgot_password', 'email', () => ({})],
  ['token', 'PUT', '/auth/reset_password', 'token', () => ({ password: PASSWORD })],
  ['password', 'PUT', '/auth/reset_password', 'password', () => ({ token: 'krt_x' })],
  ['token', 'POST', '/auth/accept_invitation', 'token', () => ({ password: PASSWORD })],
  ['name', 'PUT', '/auth/me', 'name', () => ({})],
  ['locale', 'PUT', '/auth/me', 'locale', () => ({})],
  ['password', 'PUT', '/auth/me', 'password', () => ({ current_password: PASSWORD })],
  ['current_password', 'PUT', '/auth/me', 'current_password', () => ({ password: 'NewPass456!' })],
  ['email', 'POST', '/users', 'email', () => ({ name: 'Eva Malá', role: 'member' })],
  ['name', 'POST', '/users', 'name', () => ({ email: world.freshEmail(), role: 'member' })],
  ['role', 'POST', '/users', 'role', () => ({ email: world.freshEmail(), name: 'Eva Malá' })],
];

/** What is no text, or none that could be kept. */
const NO_TEXTS: readonly [string, string][] = [
  ['an object', '{"$ne":null}'],
  ['an empty object', '{}'],
  ['an array', '["a@acme.cz"]'],
  ['an empty array', '[]'],
  ['a number', '42'],
  ['true', 'true'],
  ['false', 'false'],
  ['null', 'null'],
  ['an object that says it is a text', '{"toString":"x","length":3}'],
  ['a text with NUL', '"a\\u0000b"'],
  ['a text with half a surrogate pair', '"a\\ud800b"'],
  ['a text with the other half', '"a\\udc00b"'],
];

describe.each(TEXTS)('%s of %s %s', (_, method, path, field, others) => {
  it('is refused by its name where it is no text, and nothing is written', async () => {
    const before = await rows();
    for (const [name, value] of NO_TEXTS) {
      const body = JSON.stringify({ ...others(), [field]: 'HERE' }).replace('"HERE"', value);
      const answer = await person.client.send(method, path, body);
      expect([name, answer.status, answer.body.error, Object.keys(answer.body.errors ?? {})]).toEqual([name, 422, 'validation_error', [field]]);
    }
    expect(await rows()).toBe(before);
  });
});

describe('a name of Object.prototype', () => {
  it.each([
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"__proto__":null}', '__proto__'],
    ['{"constructor":{"prototype":{"admin":true}}}', 'constructor'],
    ['{"prototype":1}', 'prototype'],
    ['{"name":{"__proto__":{"admin":true}}}', 'name.__proto__'],
    ['{"user":{"constructor":1}}', 'user.constructor'],
    ['{"more":[{"__proto__":1}]}', 'more.0.__proto__'],
    ['{"\\u005f_proto__":{"admin":true}}', '__proto__'],
  ])('is no field: %s', async (body, field) => {
    for (const answer of [await world.visitor.put('/auth/reset_password', body), await person.client.put('/auth/me', body)]) {
      expect([answer.status, answer.body.error]).toEqual([422, 'validation_error']);
      expect(answer.body.details).toEqual([{ field, code: 'unexpected', message: expect.any(String) }]);
      expect(Object.entries(answer.body.errors)).toEqual([[field, [answer.body.details[0].message]]]);
    }
    expect(verdict(await world.visitor.put('/auth/me', body))).toBe('401 authorization_required');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then', 'toJSON'])('that is harmless is ignored as any unknown field: %s', async (name) => {
    const { status, body } = await person.client.put('/auth/me', { name: 'Jan Novak', [name]: 'x' });
    expect([status, body.user.name]).toEqual([200, 'Jan Novak']);
  });

  it('as a text is a text', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect((await person.client.put('/auth/me', { name })).body.user.name).toBe(name);
  });
});

describe('an unknown name of a field', () => {
  it.each(['"a\\u0000"', '"\\ud800"'])('that could not be kept is refused: %s', async (name) => {
    expect((await person.client.put('/auth/me', `{${name}:1}`)).body.error).toBe('validation_error');
  });

  it('gives nobody a role, an id or an organization', async () => {
    const smuggled = { role: 'admin', admin: true, id: 1, user_id: 1, organization_id: 1, organization: { id: 1 }, subscription: { status: 'active' }, email_verified: true, scopes: ['admin'], email: 'x@acme.cz' };
    const viewer = await world.member(person, 'viewer');
    const before = (await viewer.client.get('/auth/me')).body;
    const { status, body } = await viewer.client.with({ 'x-org-id': '1', 'x-user-id': '1', 'x-role': 'admin' }).put('/auth/me', { name: 'Eva', ...smuggled });
    expect([status, body]).toEqual([200, { ...before, user: { ...before.user, name: 'Eva' } }]);

    const another = await world.visitor.post('/auth/register', { ...smuggled, ...registration() });
    expect(another.body).toMatchObject({ organization: { role: 'admin' }, subscription: { status: 'trialing' } });
    expect(another.body.organization.id).not.toBe(1);
  });
});

const NO_IDS = ['42abc', '0x2a', '4e1', '4.0', '-1', '0', '007', '%2042', '+42', '18446744073709551616', '9007199254740993', '99999999999999999999', 'NaN', '__proto__', "1'--", '1%20OR%201=1', '1;DROP%20TABLE%20users', '%00', '٤٢', '１'];

const SPELLINGS: readonly [string, (id: number) => string][] = [
  ['a zero before it', (id) => `0${id}`],
  ['a sign', (id) => `+${id}`],
  ['a fraction', (id) => `${id}.0`],
  ['an exponent', (id) => `${id}e0`],
  ['hex', (id) => `0x${id.toString(16)}`],
  ['octal', (id) => `0o${id.toString(8)}`],
  ['a blank before it', (id) => `%20${id}`],
  ['a line end after it', (id) => `${id}%0a`],
  ['letters after it', (id) => `${id}abc`],
  ['a comment after it', (id) => `${id}--`],
  ['a second one', (id) => `${id},${id}`],
  ['digits of another script', (id) => encodeURIComponent(String(id).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))))],
];

describe('an id in the path', () => {
  it.each(SPELLINGS)('is read in plain digits only, not with %s', async (_, spelt) => {
    const other = await world.login(person.email);
    const sessions = (await other.client.get('/auth/sessions')).body.data as { id: number; current: boolean }[];
    const id = sessions.find(({ current }) => current)?.id ?? 0;
    expect((await person.client.delete(`/auth/sessions/${spelt(id)}`)).status).toBe(404);
    expect((await other.client.get('/auth/me')).status).toBe(200);
    expect((await person.client.delete(`/auth/sessions/${id}`)).status).toBe(204);
    expect((await other.client.get('/auth/me')).status).toBe(401);
  });

  it.each(NO_IDS)('%s names nothing', async (id) => {
    const written = encodeURI(decodeURI(id));
    const answers = [
      await person.client.delete(`/auth/sessions/${written}`),
      await person.client.delete(`/users/${written}`),
      await person.client.patch(`/users/${written}`, { user: { role: 'viewer' } }),
    ];
    for (const { status, body } of answers) expect([status, body.error]).toEqual([404, 'not_found']);
  });

  it('as large as an id can be names nothing', async () => {
    for (const id of [Number.MAX_SAFE_INTEGER, 4_294_967_296]) {
      expect((await person.client.delete(`/auth/sessions/${id}`)).status).toBe(404);
      expect((await person.client.delete(`/users/${id}`)).status).toBe(404);
    }
  });
});

describe('an id in the body', () => {
  it.each<unknown>(['42abc', '0x2a', '', ' 1', '1.5', 1.5, -1, 0, 1e308, 2 ** 64, '18446744073709551616', true, null, [1], { id: 1 }, '__proto__', "1' OR '1'='1"])('%j is none', async (id) => {
    for (const [client, path, body] of [
      [person.client, '/auth/switch_org', {}],
      [world.visitor, '/auth/login/select_org', { login_token: 'klt_x' }],
    ] as const) {
      const answer = await client.post(path, { organization_id: id, ...body });
      expect([answer.status, Object.keys(answer.body.errors)]).toEqual([422, ['organization_id']]);
    }
  });

  it('may be written in digits, and may name nothing', async () => {
    expect((await person.client.post('/auth/switch_org', { organization_id: String(person.organizationId) })).status).toBe(200);
    for (const id of [Number.MAX_SAFE_INTEGER, '9007199254740991', 999_999]) expect((await person.client.post('/auth/switch_org', { organization_id: id })).status).toBe(404);
  });
});

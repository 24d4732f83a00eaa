import { Operator } from '../../apps/api/src/headless-auth/index.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';

const NEW_PASSWORD = 'NewPass456!';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const forgot = (email: unknown) => world.visitor.post('/auth/forgot_password', { email });
const reset = (token: unknown, password = NEW_PASSWORD) => world.visitor.put('/auth/reset_password', { token, password, password_confirmation: password });
const login = (email: string, password: string) => world.visitor.post('/auth/login', { email, password });
const told = ({ status, body }: Answer) => [status, body.error];
const BAD = [422, 'invalid_reset_token'];

/** A fresh token, out of the mail that brought it. */
async function tokenFor({ email }: Pick<Person, 'email'>): Promise<string> {
  const before = world.mailbox.received.length;
  expect((await forgot(email)).status).toBe(202);
  return tokenIn(await world.mailbox.reset(email, (mail) => world.mailbox.received.indexOf(mail) >= before));
}

describe('a reset', () => {
  it('sets the new password, tells the owner, and is in the trail', async () => {
    const person = await world.register();
    const { status, body } = await reset(await tokenFor(person));
    expect([status, body]).toEqual([200, { status: 'password_reset' }]);
    expect((await login(person.email, PASSWORD)).status).toBe(401);
    expect((await login(person.email, NEW_PASSWORD)).status).toBe(200);
    const notice = await world.mailbox.to(person.email, (mail) => !/token=/.test(mail.text ?? ''));
    expect(notice.text).not.toContain('Kiket');
    const trail = await world.database.sql<{ action: string; chain: string }>(
      `SELECT action, chain FROM audit_entries WHERE target_type = 'user' AND target_id = $1 AND action LIKE 'password.%' ORDER BY id`,
      [String(person.id)],
    );
    expect(trail.map(({ action }) => action)).toEqual(['password.reset_requested', 'password.reset']);
    expect(trail.every(({ chain }) => chain.startsWith('identity:'))).toBe(true);
  });

  it('ends every session of the user, on every product and instance', async () => {
    const here = await world.register();
    const there = await world.register({ email: here.email, product: 'kanzlei' });
    const other = await world.anotherInstance();
    await reset(await tokenFor(here));
    for (const { client, refreshToken } of [here, there]) {
      expect(told(await client.get('/auth/me'))).toEqual([401, 'token_revoked']);
      expect(told(await client.at(`${other.base}/api/v1`).get('/auth/me'))).toEqual([401, 'token_revoked']);
      expect(told(await world.stranger.post('/api/v1/auth/refresh', { refresh_token: refreshToken }))).toEqual([401, 'token_revoked']);
    }
  });

  it('gives the address back to its owner where somebody else registered it first', async () => {
    const squatter = await world.register();
    await reset(await tokenFor(squatter));
    expect(told(await squatter.client.get('/auth/me'))).toEqual([401, 'token_revoked']);
    expect((await login(squatter.email, PASSWORD)).status).toBe(401);
    const owner = await world.login(squatter.email, NEW_PASSWORD);
    expect((await owner.client.get('/auth/me')).status).toBe(200);
  });

  it('with a password that is refused leaves the token good', async () => {
    const person = await world.register();
    const token = await tokenFor(person);
    const mismatch = await world.visitor.put('/auth/reset_password', { token, password: NEW_PASSWORD, password_confirmation: 'NewPass457!' });
    expect(mismatch.body.details).toEqual([{ field: 'password_confirmation', code: 'mismatch', message: expect.any(String) }]);
    expect((await reset(token, 'short')).body.error).toBe('validation_error');
    expect((await reset(token)).status).toBe(200);
  });
});

describe('a reset token', () => {
  it('is good once', async () => {
    const token = await tokenFor(await world.register());
    expect((await reset(token)).status).toBe(200);
    expect(told(await reset(token, 'OtherPass456!'))).toEqual(BAD);
  });

  it('brought twenty times at once sets one password', async () => {
    const person = await world.register();
    const token = await tokenFor(person);
    const passwords = Array.from({ length: 20 }, (_, index) => `NewPass-${index}`);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(422)]);
    expect(new Set(answers.filter(({ status }) => status === 422).map(({ body }) => body.error as string))).toEqual(new Set(['invalid_reset_token']));
    const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
    expect((await login(person.email, winner)).status).toBe(200);
  });

  it('is good for an hour', async () => {
    const [early, late] = [await world.register(), await world.register()];
    const [earlyToken, lateToken] = [await tokenFor(early), await tokenFor(late)];
    world.clock.advance({ minutes: 59 });
    expect((await reset(earlyToken)).status).toBe(200);
    world.clock.advance({ minutes: 1, seconds: 1 });
    expect(told(await reset(lateToken))).toEqual(BAD);
  });

  it('dies when a newer one is asked for, and when the password is changed in another way', async () => {
    const person = await world.register();
    const older = await tokenFor(person);
    const newer = await tokenFor(person);
    expect(told(await reset(older))).toEqual(BAD);
    await person.client.put('/auth/me', { password: 'ThirdPass789!', current_password: PASSWORD });
    expect(told(await reset(newer))).toEqual(BAD);
  });

  it('of a user who was disabled meanwhile is bad', async () => {
    const person = await world.register();
    const token = await tokenFor(person);
    await world.instance.app.get(Operator, { strict: false }).disableUser(person.email);
    expect(told(await reset(token))).toEqual(BAD);
  });

  it.each([
    ['made up', `krt_${'0'.repeat(48)}`, 'invalid_reset_token'],
    ['of another kind', `klt_${'0'.repeat(48)}`, 'invalid_reset_token'],
    ['a session token', 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln', 'invalid_reset_token'],
    ['empty', '', 'validation_error'],
    ['a list', ['x'], 'validation_error'],
    ['an object', { $gt: '' }, 'validation_error'],
    ['null', null, 'validation_error'],
    ['missing', undefined, 'validation_error'],
    ['of 5,000 characters', 'k'.repeat(5_000), 'validation_error'],
  ])('that is %s is refused', async (_, token, code) => {
    expect(told(await reset(token))).toEqual([422, code]);
  });

  it('opens nothing else, and is not consumed by the try', async () => {
    const person = await world.register();
    const token = await tokenFor(person);
    expect(told(await world.visitor.bearer(token).get('/auth/me'))).toEqual([401, 'invalid_token']);
    expect(told(await world.visitor.post('/auth/refresh', { refresh_token: token }))).toEqual([401, 'invalid_token']);
    expect(told(await world.visitor.post('/auth/login/select_org', { organization_id: person.organizationId, login_token: token }))).toEqual([401, 'invalid_token']);
    expect((await reset(token)).status).toBe(200);
  });
});

import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';

const WRONG = 'WrongPass123!';
const MOST = 10;

let world: World;
let addresses = 0;
beforeAll(async () => {
  world = await World.start({ env: { TRUST_PROXY: '127.0.0.1' } });
});
afterAll(async () => {
  await world.stop();
});

/** Somebody at an address that nobody used before. */
const elsewhere = () => `203.0.113.${(addresses += 1)}`;
const from = (address: string) => world.visitor.with({ 'x-forwarded-for': address });
const guess = (email: string, address: string, password = WRONG) => from(address).post('/auth/login', { email, password });
const told = ({ status, body }: Answer) => [status, body.error];

async function fail(email: string, address: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) expect(told(await guess(email, address))).toEqual([401, 'unauthorized']);
}

describe('the lockout of an account from an address', () => {
  const accounts: [string, () => Promise<string>][] = [
    ['a known email', async () => (await world.register()).email],
    ['an unknown email', async () => world.freshEmail()],
    ['a disabled user', async () => {
      const { id, email } = await world.register();
      await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
      return email;
    }],
  ];

  it.each(accounts)('refuses the eleventh failure of %s, and says until when', async (_, make) => {
    const email = await make();
    const address = elsewhere();
    await fail(email, address, MOST);
    const { status, body, headers } = await guess(email, address);
    expect([status, body]).toEqual([
      429,
      { error: 'rate_limit_exceeded', message: expect.any(String), retry_after: expect.any(Number), request_id: expect.any(String) },
    ]);
    expect(headers.get('retry-after')).toBe(String(body.retry_after));
    expect(body.retry_after).toBeGreaterThan(14 * 60);
    expect(body.retry_after).toBeLessThanOrEqual(15 * 60);
  });

  it('refuses the right password too, until the window that began with the first failure is over', async () => {
    const { email } = await world.register();
    const address = elsewhere();
    await world.clock.standing(async () => {
      await fail(email, address, MOST);
      expect(told(await guess(email, address, PASSWORD))).toEqual([429, 'rate_limit_exceeded']);
      world.clock.advance({ minutes: 14, seconds: 59 });
      expect(told(await guess(email, address, PASSWORD))).toEqual([429, 'rate_limit_exceeded']);
      world.clock.advance({ seconds: 1 });
      expect((await guess(email, address, PASSWORD)).status).toBe(200);
    });
  });

  it('counts the same account however its email is written', async () => {
    const email = `jan${world.freshEmail()}`;
    const address = elsewhere();
    for (const written of [email, email.toUpperCase(), ` ${email} `, email.replace('@', '@').replace('n', 'N')]) await fail(written, address, 2);
    await fail(email, address, 2);
    expect((await guess(email.toUpperCase(), address)).status).toBe(429);
  });

  it('forgives earlier failures once the right password came', async () => {
    const { email } = await world.register();
    const address = elsewhere();
    for (let round = 0; round < 2; round += 1) {
      await fail(email, address, MOST - 1);
      expect((await guess(email, address, PASSWORD)).status).toBe(200);
    }
  });

  it('leaves the account open from another address, and the address to other accounts', async () => {
    const [victim, neighbour] = [await world.register(), await world.register()];
    const address = elsewhere();
    await fail(victim.email, address, MOST);
    expect((await guess(victim.email, elsewhere(), PASSWORD)).status).toBe(200);
    expect((await guess(neighbour.email, address, PASSWORD)).status).toBe(200);
  });

  it('counts on all instances together', async () => {
    const other = await world.anotherInstance();
    const { email } = await world.register();
    const address = elsewhere();
    for (const base of [world.instance.base, other.base]) {
      for (let time = 0; time < MOST / 2; time += 1) {
        expect((await from(address).at(`${base}/api/v1`).post('/auth/login', { email, password: WRONG })).status).toBe(401);
      }
    }
    for (const base of [world.instance.base, other.base]) {
      expect((await from(address).at(`${base}/api/v1`).post('/auth/login', { email, password: PASSWORD })).status).toBe(429);
    }
  });

  it('leaves the victim their session, its refresh and the reset, and the reset opens the way in from here', async () => {
    const victim = await world.register();
    const address = elsewhere();
    await fail(victim.email, address, MOST);
    const { client } = victim;
    expect((await client.with({ 'x-forwarded-for': address }).get('/auth/me')).status).toBe(200);
    expect((await from(address).post('/auth/refresh', { refresh_token: victim.refreshToken })).status).toBe(200);
    expect((await from(address).post('/auth/forgot_password', { email: victim.email })).status).toBe(202);
    const token = tokenIn(await world.mailbox.reset(victim.email));
    expect((await from(address).put('/auth/reset_password', { token, password: 'NewPass456!' })).status).toBe(200);
    expect((await guess(victim.email, address, 'NewPass456!')).status).toBe(200);
  });
});

describe('two hundred guesses at once', () => {
  it.each([['known', true], ['unknown', false]])('of a %s email are evaluated ten times at most', async (_, known) => {
    const email = known ? (await world.register()).email : world.freshEmail();
    const address = elsewhere();
    const before = await failures();
    const answers = await Promise.all(Array.from({ length: 200 }, () => guess(email, address)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => ![401, 429].includes(status))).toEqual([]);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(MOST);
    expect((await failures()) - before).toBeLessThanOrEqual(MOST);
  });

  it('with the right password among them are no failures: all who knew it get in', async () => {
    const { email } = await world.register();
    const address = elsewhere();
    const answers = await Promise.all(Array.from({ length: 30 }, () => guess(email, address, PASSWORD)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('every path that asks for a password', () => {
  interface Path {
    (person: Person, address: string, password: string): Promise<Answer>;
  }
  const paths: [string, Path, (string | number)[], number][] = [
    ['login', ({ email }, address, password) => guess(email, address, password), [401, 'unauthorized'], 200],
    [
      'register',
      ({ email }, address, password) => from(address).post('/auth/register', { email, password, name: 'Jan', organization_name: 'Druhá' }),
      [401, 'unauthorized'],
      201,
    ],
    [
      'select_org',
      ({ email, organizationId }, address, password) => from(address).post('/auth/login/select_org', { organization_id: organizationId, email, password }),
      [401, 'unauthorized'],
      200,
    ],
    [
      'PUT /me',
      ({ client }, address, password) => client.with({ 'x-forwarded-for': address }).put('/auth/me', { password: 'NewPass456!', current_password: password }),
      [422, 'validation_error'],
      200,
    ],
  ];

  it.each(paths)('%s counts its failures for login', async (_, path, refusal) => {
    const person = await world.register();
    const address = elsewhere();
    for (let time = 0; time < MOST; time += 1) expect(told(await path(person, address, WRONG))).toEqual(refusal);
    expect((await guess(person.email, address, PASSWORD)).status).toBe(429);
  });

  it.each(paths)('%s is closed by failures at login, and open without them', async (_, path, _refusal, success) => {
    const person = await world.register();
    const address = elsewhere();
    await fail(person.email, address, MOST);
    expect(told(await path(person, address, PASSWORD))).toEqual([429, 'rate_limit_exceeded']);
    expect((await path(person, elsewhere(), PASSWORD)).status).toBe(success);
  });
});

async function failures(): Promise<number> {
  const [row] = await world.database.sql<{ count: number }>(`SELECT count(*)::int AS count FROM audit_entries WHERE action = 'login.failed'`);
  return row?.count ?? -1;
}

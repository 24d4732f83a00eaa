import type { Answer, Client } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { pause } from '../bad-days/until.js';

const USER = 12;
const TOKEN = 17;
/** Enough for all who register here from one address. */
const STRANGER = 50;
const LIMITS = { RATE_LIMITS: 'on', RATE_LIMIT_USER: `${USER}`, RATE_LIMIT_TOKEN: `${TOKEN}`, RATE_LIMIT_UNAUTHENTICATED: `${STRANGER}` };

/** What a client reads from the headers of an answer. */
function told({ headers }: Answer): { limit: number; remaining: number; reset: number } | null {
  if (!headers.has('x-ratelimit-limit')) return null;
  const read = (name: string) => Number(headers.get(`x-ratelimit-${name}`));
  return { limit: read('limit'), remaining: read('remaining'), reset: read('reset') };
}

const remaining = (answer: Answer) => told(answer)?.remaining;
const seconds = () => Date.now() / 1000;

async function times<T>(count: number, ask: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
}

describe('with limits on', () => {
  let world: World;
  let person: Person;
  beforeAll(async () => {
    world = await World.start({ env: { ...LIMITS, TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    person = await world.register();
  });

  describe('every answer to a credential', () => {
    it('says what is left, refusals too, and each counts', async () => {
      const { client } = person;
      const answers = [await client.get('/auth/me'), await client.delete('/users/999999'), await client.put('/auth/me', { locale: 'xx' })];
      await world.database.sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, [person.organizationId]);
      answers.push(await client.get('/ext/rate_limit'));

      expect(answers.map(({ status }) => status)).toEqual([200, 404, 422, 403]);
      expect(answers.map(remaining)).toEqual([USER - 1, USER - 2, USER - 3, USER - 4]);
      expect(answers.map((answer) => told(answer)?.limit)).toEqual(answers.map(() => USER));
    });

    it('says in Unix seconds when the window ends, the same for all in it', async () => {
      const first = told(await person.client.get('/auth/me'))?.reset ?? 0;
      expect(Number.isInteger(first)).toBe(true);
      expect(first - seconds()).toBeGreaterThan(50);
      expect(first - seconds()).toBeLessThanOrEqual(61);
      await pause(1_100);
      const second = told(await person.client.get('/auth/me'))?.reset ?? 0;
      expect(Math.abs(second - first)).toBeLessThanOrEqual(1);
    });
  });

  it('a credential that does not hold counts against nobody, and its answer says nothing of a budget', async () => {
    const bad = [world.visitor.bearer('x'), person.client.bearer(`${person.accessToken}x`), person.client.product('another')];
    const answers = await Promise.all(bad.map(async (client) => client.get('/auth/me')));
    expect(answers.map((answer) => [answer.status, told(answer)])).toEqual(bad.map(() => [401, null]));
    expect(remaining(await person.client.get('/auth/me'))).toBe(USER - 1);
  });

  describe('an organization', () => {
    it('spends its budget exactly, of 200 requests at once', async () => {
      const answers = await times(200, async () => person.client.get('/auth/me'));
      const served = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status === 429);
      expect([served.length, refused.length]).toEqual([USER, 200 - USER]);
      expect(served.map(remaining).sort((one, other) => Number(other) - Number(one))).toEqual(Array.from({ length: USER }, (_, index) => USER - 1 - index));
      expect(new Set(refused.map(remaining))).toEqual(new Set([0]));
    });

    it('learns when to come back, in its own language', async () => {
      await times(USER, async () => person.client.get('/auth/me'));
      const { status, body, headers } = await person.client.get('/auth/me');
      expect(status).toBe(429);
      expect(body).toEqual({ error: 'rate_limit_exceeded', message: expect.stringMatching(/./), retry_after: expect.any(Number), request_id: headers.get('x-request-id') });
      expect(Number.isInteger(body.retry_after)).toBe(true);
      expect(body.retry_after).toBeGreaterThanOrEqual(1);
      expect(body.retry_after).toBeLessThanOrEqual(60);
      expect(headers.get('retry-after')).toBe(String(body.retry_after));
      expect(headers.get('content-language')).toBe('cs');
    });

    it('is refused before a request does anything', async () => {
      await times(USER, async () => person.client.get('/auth/me'));
      expect((await person.client.post('/auth/logout')).status).toBe(429);
      expect(await world.database.sql('SELECT 1 FROM sessions WHERE user_id = $1 AND revoked_at IS NULL', [person.id])).toHaveLength(1);
    });

    it('shares its budget among its people and sessions, and with no other organization', async () => {
      const colleague = await world.member(person);
      const session = await world.login(person.email);
      const other = await world.register();
      const left = remaining(await person.client.get('/auth/me')) ?? 0;
      expect(remaining(await colleague.client.get('/auth/me'))).toBe(left - 1);
      expect(remaining(await session.client.get('/auth/me'))).toBe(left - 2);
      expect(remaining(await other.client.get('/auth/me'))).toBe(USER - 1);
    });
  });

  it('an organization’s tokens share a budget apart from its people’s', async () => {
    const [one, another] = [await world.token(person), await world.token(person)];
    const left = remaining(await person.client.get('/auth/me'));
    const answers = [await one.client.get('/projects'), await another.client.get('/ext/rate_limit')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map((answer) => [told(answer)?.limit, remaining(answer)])).toEqual([[TOKEN, TOKEN - 1], [TOKEN, TOKEN - 2]]);
    await times(TOKEN, async () => one.client.get('/projects'));
    expect((await another.client.get('/projects')).status).toBe(429);
    expect(remaining(await person.client.get('/auth/me'))).toBe((left ?? 0) - 1);
  });

  describe('GET /ext/rate_limit', () => {
    it('says the same as the headers of its answer', async () => {
      await person.client.get('/auth/me');
      const answer = await person.client.get('/ext/rate_limit');
      const { reset_in, ...rest } = answer.body.rate_limit;
      expect(answer.body).toEqual({ rate_limit: { limit: USER, remaining: USER - 2, reset_in: expect.any(Number), window_seconds: 60 } });
      expect(rest).toMatchObject({ limit: told(answer)?.limit, remaining: remaining(answer) });
      expect(Number.isInteger(reset_in)).toBe(true);
      expect(reset_in).toBeGreaterThan(50);
      expect(reset_in).toBeLessThanOrEqual(60);
      expect(Math.abs((told(answer)?.reset ?? 0) - seconds() - reset_in)).toBeLessThanOrEqual(2);
    });
  });

  describe('an address without a credential', () => {
    const ENTRIES: [string, (client: Client) => Promise<Answer>][] = [
      ['register', async (client) => client.post('/auth/register', {})],
      ['login', async (client) => client.post('/auth/login', {})],
      ['select_org', async (client) => client.post('/auth/login/select_org', {})],
      ['refresh', async (client) => client.post('/auth/refresh', {})],
      ['forgot_password', async (client) => client.post('/auth/forgot_password', {})],
      ['accept_invitation', async (client) => client.post('/auth/accept_invitation', {})],
      ['reset_password', async (client) => client.put('/auth/reset_password', {})],
    ];
    const from = (address: string) => world.visitor.with({ 'x-forwarded-for': address });
    const exhaust = async (address: string) => times(STRANGER, async () => from(address).post('/auth/refresh', {}));

    it.each(ENTRIES)('has one budget for all the ways in, and is refused before anything else is judged: %s', async (_, enter) => {
      const address = `203.0.113.${ENTRIES.findIndex(([, one]) => one === enter)}`;
      const first = await enter(from(address));
      expect([first.status, told(first)]).toEqual([422, { limit: STRANGER, remaining: STRANGER - 1, reset: expect.any(Number) }]);
      await exhaust(address);
      const refused = await enter(from(address));
      expect([refused.status, refused.body.error, remaining(refused)]).toEqual([429, 'rate_limit_exceeded', 0]);
      expect(refused.headers.get('retry-after')).toBe(String(refused.body.retry_after));
      expect(refused.headers.get('content-language')).toBe('cs');
    });

    it('spends no other address’s budget; of IPv6 its /64 counts', async () => {
      await exhaust('2001:db8:1:2::7');
      const [neighbour, stranger, other] = await Promise.all(
        ['2001:db8:1:2:ffff::9', '2001:db8:1:3::7', '198.51.100.7'].map(async (address) => from(address).post('/auth/login', {})),
      );
      expect([neighbour?.status, stranger?.status, other?.status]).toEqual([429, 422, 422]);
      expect([stranger, other].map((answer) => answer && remaining(answer))).toEqual([STRANGER - 1, STRANGER - 1]);
    });

    it('closes nothing else to it: neither its people’s own credentials nor health, keys and docs', async () => {
      await exhaust('203.0.113.99');
      const client = world.stranger.with({ 'x-forwarded-for': '203.0.113.99' });
      for (const path of ['/health/live', '/api/v1/health', '/.well-known/jwks.json', '/api/openapi.json']) {
        const answer = await client.get(path);
        expect([path, answer.status, told(answer)]).toEqual([path, 200, null]);
      }
      expect((await person.client.with({ 'x-forwarded-for': '203.0.113.99' }).get('/auth/me')).status).toBe(200);
    });
  });
});

describe('with windows of two seconds, behind no proxy', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { ...LIMITS, RATE_LIMIT_USER: '3', RATE_LIMIT_UNAUTHENTICATED: '3' }, rateWindowSeconds: 2 });
  });
  afterAll(async () => {
    await world.stop();
  });

  it('whoever waits as long as they are told is served again', async () => {
    const { client } = await world.register();
    // One after the other: of many at once some may be the first of a new window.
    let refused = await client.get('/auth/me');
    while (refused.status === 200) refused = await client.get('/auth/me');
    expect([refused.status, refused.body.retry_after <= 2]).toEqual([429, true]);
    await pause(Number(refused.body.retry_after) * 1000);
    const { status, body } = await client.get('/ext/rate_limit');
    expect(status).toBe(200);
    expect(body.rate_limit).toMatchObject({ limit: 3, remaining: 2, window_seconds: 2 });
  });

  it('a forged X-Forwarded-For brings no new budget', async () => {
    const answers = await times(12, async (index) => world.visitor.with({ 'x-forwarded-for': `203.0.113.${index}` }).post('/auth/login', {}));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(6);
  });
});

describe('with limits off', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { ...LIMITS, RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await world.stop();
  });

  it('nobody is refused, and no answer speaks of a limit', async () => {
    const { client } = await world.register();
    const answers = await times(USER * 2, async () => client.get('/auth/me'));
    answers.push(...(await times(STRANGER * 2, async () => world.visitor.post('/auth/refresh', {}))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 422]));
    expect(answers.filter((answer) => told(answer) !== null)).toEqual([]);
  });

  it('GET /ext/rate_limit tells of a whole budget', async () => {
    const { client } = await world.register();
    await client.get('/auth/me');
    const answer = await client.get('/ext/rate_limit');
    expect(answer.body).toEqual({ rate_limit: { limit: USER, remaining: USER, reset_in: 0, window_seconds: 60 } });
    expect(told(answer)).toBeNull();
  });

  it('the login lockout holds all the same', async () => {
    const { email } = await world.register();
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) statuses.push((await world.visitor.post('/auth/login', { email, password: `not ${PASSWORD}` })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  });
});

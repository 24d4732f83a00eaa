import { PASSWORD, World } from '../support/world.js';

const WRONG = 'WrongPass123!';

let proxied: World;
let direct: World;
beforeAll(async () => {
  proxied = await World.start({ env: { TRUST_PROXY: '127.0.0.1' } });
  direct = await World.start();
});
afterAll(async () => {
  await proxied.stop();
  await direct.stop();
});
beforeEach(async () => {
  for (const world of [proxied, direct]) await world.database.sql('DELETE FROM attempts');
});

const guess = (world: World, email: string, forwardedFor: string, password = WRONG) =>
  world.visitor.with({ 'x-forwarded-for': forwardedFor }).post('/auth/login', { email, password });

async function statuses(world: World, email: string, addresses: readonly string[]): Promise<number[]> {
  const answers = [];
  for (const address of addresses) answers.push((await guess(world, email, address)).status);
  return answers;
}

describe('the address that a failure counts for', () => {
  const tenFailures = Array<number>(10).fill(401);

  it('is the peer itself where no proxy is trusted: a forged X-Forwarded-For changes nothing', async () => {
    const forged = Array.from({ length: 11 }, (_, index) => `198.51.100.${index}`);
    expect(await statuses(direct, direct.freshEmail(), forged)).toEqual([...tenFailures, 429]);
  });

  it('is what the trusted proxy saw, whatever the client wrote before it', async () => {
    const forged = Array.from({ length: 11 }, (_, index) => `198.51.100.${index}, 203.0.113.7`);
    expect(await statuses(proxied, proxied.freshEmail(), forged)).toEqual([...tenFailures, 429]);
  });

  it('is one for a whole IPv6 /64, in every spelling', async () => {
    const email = proxied.freshEmail();
    const spellings = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::1', '2001:DB8:0001:2::abcd', '2001:db8:1:2:3:4:5:6'];
    const addresses = Array.from({ length: 11 }, (_, index) => spellings[index % spellings.length] ?? '');
    expect(await statuses(proxied, email, addresses)).toEqual([...tenFailures, 429]);
    expect(await statuses(proxied, email, ['2001:db8:1:3::1'])).toEqual([401]);
  });

  it('is the same written as IPv4 and as IPv4 mapped into IPv6', async () => {
    const addresses = Array.from({ length: 11 }, (_, index) => (index % 2 === 0 ? '203.0.113.9' : '::ffff:203.0.113.9'));
    expect(await statuses(proxied, proxied.freshEmail(), addresses)).toEqual([...tenFailures, 429]);
  });
});

describe('a hundred failures', () => {
  /** Few at once: what the queue of hashes refuses is no failure. */
  async function together(world: World, guesses: readonly (readonly [email: string, address: string])[]): Promise<number[]> {
    const statuses: number[] = [];
    for (let start = 0; start < guesses.length; start += 5) {
      const answers = await Promise.all(guesses.slice(start, start + 5).map(([email, address]) => guess(world, email, address)));
      statuses.push(...answers.map(({ status }) => status));
    }
    return statuses;
  }

  it('from one address close it for every account, and no other address', async () => {
    const { email } = await proxied.register();
    const answers = await together(proxied, Array.from({ length: 101 }, () => [proxied.freshEmail(), '203.0.113.20']));
    expect(answers).toEqual([...Array<number>(100).fill(401), 429]);
    expect((await guess(proxied, email, '203.0.113.20', PASSWORD)).status).toBe(429);
    expect((await guess(proxied, email, '203.0.113.21', PASSWORD)).status).toBe(200);
  });

  it('of tries that the closed address made lock no account for later', async () => {
    const { email } = await proxied.register();
    await together(proxied, Array.from({ length: 100 }, () => [proxied.freshEmail(), '203.0.113.22']));
    proxied.clock.advance({ minutes: 14 });
    for (let time = 0; time < 12; time += 1) expect((await guess(proxied, email, '203.0.113.22', PASSWORD)).status).toBe(429);
    proxied.clock.advance({ minutes: 1, seconds: 1 });
    expect((await guess(proxied, email, '203.0.113.22', PASSWORD)).status).toBe(200);
  });

  it('on one account close it for every network but those where its owner has been', async () => {
    const { email } = await proxied.register();
    expect((await guess(proxied, email, '192.0.2.50', PASSWORD)).status).toBe(200);
    const answers = await together(proxied, Array.from({ length: 100 }, (_, index) => [email, `198.18.${index}.1`]));
    expect(new Set(answers)).toEqual(new Set([401]));
    const { status, body } = await guess(proxied, email, '198.18.200.1', PASSWORD);
    expect([status, body.error]).toEqual([429, 'rate_limit_exceeded']);
    expect((await guess(proxied, email, '192.0.2.77', PASSWORD)).status).toBe(200);
    expect((await guess(proxied, email, '192.0.3.77', PASSWORD)).status).toBe(429);
    proxied.clock.advance({ minutes: 15, seconds: 1 });
    expect((await guess(proxied, email, '198.18.200.1', PASSWORD)).status).toBe(200);
  });

  it('on an unknown email close it the same way', async () => {
    const email = proxied.freshEmail();
    await together(proxied, Array.from({ length: 100 }, (_, index) => [email, `198.18.${index}.1`]));
    expect((await guess(proxied, email, '198.18.200.1')).status).toBe(429);
  });
});

import { pause, report, until } from '../bad-days/until.js';
import type { Answer, Client } from '../support/client.js';
import { OwnTime } from '../support/own-time.js';
import { RedisServer } from '../support/redis-server.js';
import { type Instance, type Person, World } from '../support/world.js';

const USER = 40;
/** What a hanging Redis may cost a request, and what a busy machine adds to any. */
const HANGING_MS = 250;
const NOISE_MS = 500;

const remaining = ({ headers }: Answer) => Number(headers.get('x-ratelimit-remaining'));

if (!RedisServer.isInstalled) report('There is no redis-server on this machine: how instances share their counters is NOT tested.');

(RedisServer.isInstalled ? describe : describe.skip)('two instances with one Redis', () => {
  let redis: RedisServer;
  let world: World;
  let instances: Instance[];
  let person: Person;
  beforeAll(async () => {
    redis = await RedisServer.start();
    world = await World.start({ env: { RATE_LIMITS: 'on', RATE_LIMIT_USER: `${USER}`, RATE_LIMIT_UNAUTHENTICATED: '1000', REDIS_URL: redis.url } });
    instances = [world.instance, await world.anotherInstance()];
  });
  afterAll(async () => {
    await world.stop();
    await redis.kill();
  });
  beforeEach(async () => {
    person = await world.register();
  });

  const at = ({ base }: Instance): Client => person.client.at(`${base}/api/v1`);
  const said = (line: string) => world.logs.filter((one) => one.includes(line)).length;

  /** One request to each instance, one after the other: what each says is left. */
  async function round(): Promise<number[]> {
    const left: number[] = [];
    for (const instance of instances) {
      const answer = await at(instance).get('/auth/me');
      expect(answer.status).toBe(200);
      left.push(remaining(answer));
    }
    return left;
  }

  const shared = (first: number) => instances.map((_, index) => first - index);
  const apart = (each: number) => instances.map(() => each);

  /** Takes Redis away for a while; every instance says so once, however many requests notice, and once that it is back. */
  async function outage(leave: () => Promise<void> | void, comeBack: () => Promise<void> | void, during: () => Promise<void>): Promise<void> {
    const before = { away: said('Redis is away'), back: said('Redis is back') };
    await leave();
    try {
      await during();
      await until(() => said('Redis is away') === before.away + instances.length);
    } finally {
      await comeBack();
    }
    const took = await until(() => said('Redis is back') === before.back + instances.length);
    report(`counted together again ${Math.round(took)} ms after Redis was back`);
    await pause(600);
    expect([said('Redis is away'), said('Redis is back')]).toEqual([before.away + instances.length, before.back + instances.length]);
  }

  it('share one budget, to the last request', async () => {
    const answers = await Promise.all(Array.from({ length: USER * 2 }, async (_, index) => at(instances[index % 2] as Instance).get('/auth/me')));
    const left = answers.filter(({ status }) => status === 200).map(remaining);
    expect(left.sort((one, other) => other - one)).toEqual(Array.from({ length: USER }, (_, index) => USER - 1 - index));
    for (const instance of instances) expect((await at(instance).get('/auth/me')).status).toBe(429);
  });

  it('go on when it is flushed, and nothing that was revoked comes back', async () => {
    const revoked = await world.login(person.email);
    expect((await revoked.client.post('/auth/logout')).status).toBe(204);
    await round();
    await redis.flush();
    expect(await round()).toEqual(shared(USER - 1));
    for (const { base } of instances) expect((await revoked.client.at(`${base}/api/v1`).get('/auth/me')).body.error).toBe('token_revoked');
  });

  it('count by themselves while it is down, and together again once it is back', async () => {
    expect(await round()).toEqual(shared(USER - 1));
    await outage(
      async () => redis.kill(),
      async () => redis.start(),
      async () => {
        expect(await round()).toEqual(apart(USER - 1));
        for (let rounds = 2; rounds < 8; rounds += 1) expect(await round()).toEqual(apart(USER - rounds));
      },
    );
    expect(await round()).toEqual(shared(USER - 1));
  });

  it(`wait no more than ${HANGING_MS} ms while it hangs, and then not at all until it answers`, async () => {
    await round();
    await outage(
      () => redis.hang(),
      () => redis.wake(),
      async () => {
        const [instance] = instances as [Instance];
        const clock = new OwnTime();
        const answers = await Promise.all(Array.from({ length: 5 }, async () => at(instance).get('/auth/me')));
        const noticed = clock.ms;
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
        expect(noticed).toBeLessThan(HANGING_MS + NOISE_MS);
        await round();

        const spent: number[] = [];
        for (let tries = 0; tries < 11; tries += 1) {
          const sent = clock.ms;
          expect((await at(instance).get('/auth/me')).status).toBe(200);
          spent.push(clock.ms - sent);
        }
        clock.stop();
        const median = spent.sort((one, other) => one - other)[5] ?? Infinity;
        report(`five requests met a hanging Redis and took ${noticed} ms; one took ${median} ms afterwards`);
        expect(median).toBeLessThan(HANGING_MS / 2);
      },
    );
    const [one = 0, other] = await round();
    expect(other).toBe(one - 1);
  });

  it.each<[string, () => Promise<void> | void, () => Promise<void> | void]>([
    ['is down', async () => redis.kill(), async () => redis.start()],
    ['hangs', () => redis.hang(), () => redis.wake()],
  ])('start also while it %s', async (_, leave, comeBack) => {
    const before = said('Redis is away');
    await outage(leave, comeBack, async () => {
      await round();
      // A world that is being put together logs nothing.
      await until(() => said('Redis is away') === before + instances.length);
      instances.push(await world.anotherInstance());
      expect((await round()).at(-1)).toBe(USER - 1);
    });
    const left = await round();
    expect(left).toEqual(shared(left[0] ?? 0));
  });

  // The last, since the logs of all go to the world that started last.
  it('share it with no other service on the same Redis', async () => {
    const other = await World.start({ env: { RATE_LIMITS: 'on', RATE_LIMIT_USER: `${USER}`, REDIS_URL: redis.url } });
    try {
      await round();
      await other.database.sql(`ALTER TABLE organizations ALTER COLUMN id RESTART WITH ${person.organizationId}`);
      const namesake = await other.register();
      expect(namesake.organizationId).toBe(person.organizationId);
      expect(remaining(await namesake.client.get('/auth/me'))).toBe(USER - 1);
    } finally {
      await other.stop();
    }
  });
});

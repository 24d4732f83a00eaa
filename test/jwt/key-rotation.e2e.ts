import { setTimeout as pause } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { SigningKeys } from '#jwt';
import { AppModule } from '../../apps/api/src/app.module.js';
import { CableAdapter } from '../../apps/api/src/notifications/index.js';
import { type Instance, type Person, World } from '../support/world.js';

const REQUESTS = 1_000;
const AT_ONCE = 25;

let world: World;
let instances: [Instance, Instance];
beforeAll(async () => {
  world = await World.start();
  instances = [world.instance, await world.anotherInstance()];
});
afterAll(async () => {
  await world.stop();
});

const keysOf = ({ app }: Instance) => app.get(SigningKeys);
const kidOf = ({ accessToken }: Person) => decodeProtectedHeader(accessToken).kid;
const me = ({ client }: Person, { base }: Instance) => client.at(`${base}/api/v1`).get('/auth/me');
const published = async ({ base }: Instance): Promise<string[]> => {
  const { keys } = (await (await fetch(`${base}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
};

/** Well before an instance would look by itself, which it does every half minute. */
async function soon(holds: () => Promise<boolean>): Promise<void> {
  for (let turns = 250; turns > 0 && !(await holds()); turns -= 1) await pause(20);
  expect(await holds()).toBe(true);
}

describe('a rotation of the signing keys', () => {
  it('publishes the new key at once on every instance, and signs with it an hour later; what the old one signed verifies on', async () => {
    const person = await world.register();
    const old = kidOf(person);
    const { kid } = await keysOf(instances[0]).rotate();
    expect(await published(instances[0])).toEqual([old, kid]);
    await soon(async () => (await published(instances[1])).includes(kid));
    expect(kidOf(await world.login(person.email))).toBe(old);

    world.clock.advance({ minutes: 59, seconds: 30 });
    const lastOfTheOld = await world.login(person.email);
    expect(kidOf(lastOfTheOld)).toBe(old);
    world.clock.advance({ minutes: 1 });
    const firstOfTheNew = await world.login(person.email);
    expect(kidOf(firstOfTheNew)).toBe(kid);

    for (const instance of instances) {
      const keys = createRemoteJWKSet(new URL(`${instance.base}/.well-known/jwks.json`));
      for (const one of [lastOfTheOld, firstOfTheNew]) {
        expect((await me(one, instance)).status).toBe(200);
        await jwtVerify(one.accessToken, keys, { currentDate: world.clock.now() });
      }
    }
    expect((await world.visitor.post('/auth/refresh', { refresh_token: lastOfTheOld.refreshToken })).status).toBe(200);
  });

  it(`refuses nobody in ${REQUESTS} requests on two instances, while keys change and people sign in`, async () => {
    const people = [await world.register(), await world.register()];
    const refused: unknown[] = [];
    for (let begin = 0; begin < REQUESTS; begin += AT_ONCE) {
      if (begin % 200 === 100) {
        await keysOf(instances[begin % 400 === 100 ? 0 : 1]).rotate({ immediately: true });
        people.push(await world.login(people[0]?.email ?? ''));
      }
      const answers = Array.from({ length: AT_ONCE }, async (_, index) => {
        // The newest first: its key is the one that the other instance has hardly heard of.
        const person = people.at(-1 - (index % people.length)) as Person;
        const { status, body } = await me(person, instances[index % 2 === 0 ? 0 : 1]);
        if (status !== 200) refused.push([begin + index, status, body]);
      });
      await Promise.all(answers);
    }
    expect(refused).toEqual([]);
    expect(new Set(people.map(kidOf)).size).toBe(6);
  });
});

describe('a removed key', () => {
  it('takes what it signed with it, on every instance', async () => {
    const person = await world.register();
    expect((await me(person, instances[1])).status).toBe(200);
    await keysOf(instances[0]).rotate({ immediately: true });
    const another = await world.login(person.email);
    await keysOf(instances[0]).remove(kidOf(person) ?? '');

    const atOnce = await me(person, instances[0]);
    expect([atOnce.status, atOnce.body.error]).toEqual([401, 'invalid_token']);
    await soon(async () => (await me(person, instances[1])).status === 401);
    expect((await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).body.error).toBe('invalid_token');
    for (const instance of instances) expect((await me(another, instance)).status).toBe(200);
  });
});

describe('a start', () => {
  it.each([
    ['SECRETS_KEY', 'secretsKey'],
    ['PASSWORD_PEPPER', 'passwordPepper'],
  ])('with another %s than the database knows is refused, and changes nothing', async (name, setting) => {
    const before = await world.database.sql('SELECT * FROM key_fingerprints ORDER BY 1');
    const module = await Test.createTestingModule({ imports: [AppModule.with({ ...world.config, [setting]: Buffer.alloc(32, 7) })] }).compile();
    const app = module.createNestApplication({ logger: false });
    app.useWebSocketAdapter(new CableAdapter(app));
    try {
      await expect(app.init()).rejects.toThrow(name);
    } finally {
      await app.close();
    }
    expect(await world.database.sql('SELECT * FROM key_fingerprints ORDER BY 1')).toEqual(before);
    expect((await me(await world.register(), instances[0])).status).toBe(200);
  });
});

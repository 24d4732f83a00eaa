import { ChainVerifier, Sealer } from '#audit';
import type { Client } from '../support/client.js';
import { type Instance, type Person, World } from '../support/world.js';
import { recomputedHash, sealed } from './recomputed-hash.js';
import { eventually } from './trail.js';

const GENESIS = '0'.repeat(64);

let world: World;
let second: Instance;
beforeAll(async () => {
  world = await World.start();
  second = await world.anotherInstance();
});
afterAll(async () => {
  await world.stop();
});

const unsealed = async () => (await world.database.sql('SELECT entry_id FROM audit_pending')).length;

/** The same person at the one instance or the other. */
const at = ({ client }: Person, turn: number): Client => client.at(`${(turn % 2 === 0 ? world.instance : second).base}/api/v1`);

it('two hundred acts at once on two instances stand in chains without a gap, each bound to the one before', async () => {
  const admin = await world.register();
  const others = [await world.member(admin), await world.register(), await world.register()];
  const people = [admin, ...others];
  const acts = Array.from({ length: 200 }, async (_, turn) => {
    const person = people[turn % 4] as Person;
    const client = at(person, turn % 8 < 4 ? 0 : 1);
    return turn % 3 === 0
      ? client.post('/auth/switch_org', { organization_id: person.organizationId })
      : client.put('/auth/me', { name: `Name ${turn}` });
  });
  expect(new Set((await Promise.all(acts)).map(({ status }) => status))).toEqual(new Set([200]));
  await eventually(async () => (await unsealed()) === 0);

  let total = 0;
  for (const organizationId of new Set(people.map((person) => person.organizationId))) {
    const entries = await sealed(world, `organization:${organizationId}`);
    total += entries.length;
    expect(entries.map(({ chain_position }) => chain_position)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map(({ previous_hash }) => previous_hash)).toEqual([GENESIS, ...entries.slice(0, -1).map(({ hash }) => hash)]);
    expect(entries.map(({ hash }) => hash)).toEqual(entries.map((entry) => recomputedHash(entry)));
    for (const { app } of [world.instance, second]) {
      expect(await app.get(ChainVerifier).verify({ organizationId })).toEqual({ valid: true, events: entries.length, head: entries.at(-1)?.hash });
    }
  }
  // Three registrations and one member who was invited and joined: two, two, two and three entries before the two hundred.
  expect(total).toBe(200 + 9);
  const seals = await world.database.sql<{ position: string }>('SELECT position FROM audit_seals ORDER BY position');
  expect(seals.map(({ position }) => Number(position))).toEqual(seals.map((_, index) => index + 1));
});

it('an act is sealed within a second of its commit', async () => {
  const person = await world.register();
  const waits: number[] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    await eventually(async () => (await unsealed()) === 0);
    await person.client.put('/auth/me', { name: `Name ${turn}` });
    const committed = performance.now();
    await eventually(async () => (await unsealed()) === 0);
    waits.push(performance.now() - committed);
  }
  waits.sort((a, b) => a - b);
  expect(waits[3]).toBeLessThan(1_000);
});

it('whoever verifies sees what committed a moment ago', async () => {
  const person = await world.register();
  for (let turn = 0; turn < 5; turn += 1) {
    await person.client.put('/auth/me', { name: `Name ${turn}` });
    const verdict = await world.instance.app.get(ChainVerifier).verify({ organizationId: person.organizationId });
    expect(verdict).toMatchObject({ valid: true, events: 3 + turn });
  }
});

it('nobody waits for a chain: while the sealer cannot work, acts go on, and are sealed afterwards', async () => {
  const person = await world.register();
  await world.instance.app.get(Sealer).seal();
  await world.database.sql(`SELECT pg_advisory_lock(hashtext('kiket-auth:audit-sealer'))`);
  try {
    for (let turn = 0; turn < 20; turn += 1) expect((await at(person, turn).put('/auth/me', { name: `Name ${turn}` })).status).toBe(200);
    expect(await unsealed()).toBeGreaterThanOrEqual(20);
  } finally {
    await world.database.sql(`SELECT pg_advisory_unlock(hashtext('kiket-auth:audit-sealer'))`);
  }
  await eventually(async () => (await unsealed()) === 0, 20);
  expect(await world.instance.app.get(ChainVerifier).verify({ organizationId: person.organizationId })).toMatchObject({ valid: true, events: 22 });
});

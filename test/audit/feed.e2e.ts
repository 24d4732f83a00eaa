import { Feed, type FeedEntry, Sealer } from '#audit';
import { Database } from '#database';
import { type Instance, type Person, World } from '../support/world.js';
import { eventually } from './trail.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

/** A reader that keeps what it hears, and fails when it is told to. */
class Listener {
  readonly heard: FeedEntry[] = [];
  failures = 0;
  failed = 0;

  constructor(
    readonly name: string,
    private readonly before: (entries: readonly FeedEntry[]) => Promise<void> = async () => undefined,
  ) {}

  on({ app }: Instance): this {
    app.get(Feed).register(this);
    return this;
  }

  async read(entries: readonly FeedEntry[]): Promise<void> {
    await this.before(entries);
    if (this.failed < this.failures) {
      this.failed += 1;
      throw new Error('the reader is ill');
    }
    this.heard.push(...entries);
  }

  get positions(): number[] {
    return this.heard.map(({ position }) => position);
  }
}

let names = 0;
const fresh = () => `reader-${(names += 1)}`;

async function act(times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) await person.client.put('/auth/me', { name: `Name ${turn}` });
}

/** All that has happened, sealed; its number is the last position. */
async function everything(): Promise<number> {
  await world.instance.app.get(Sealer).seal();
  const [row] = await world.database.sql<{ last: string }>('SELECT max(position) AS last FROM audit_seals');
  return Number(row?.last);
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

it('tells a new reader everything that ever happened, in order, and then what happens', async () => {
  await act(5);
  const listener = new Listener(fresh()).on(world.instance);
  const before = await everything();
  await eventually(async () => listener.heard.length >= before);
  await act(5);
  const last = await everything();
  await eventually(async () => listener.heard.length >= last);
  expect(listener.positions).toEqual(upTo(last));
  const entries = await world.database.sql<{ id: string; action: string }>('SELECT e.id, e.action FROM audit_seals s JOIN audit_entries e ON e.id = s.entry_id ORDER BY s.position');
  expect(listener.heard.map(({ id, action }) => [id, action])).toEqual(entries.map(({ id, action }) => [Number(id), action]));
});

it('tells a reader that failed the same again, until it has heard it', async () => {
  const listener = new Listener(fresh());
  listener.failures = 2;
  listener.on(world.instance);
  await act(3);
  const last = await everything();
  await eventually(async () => listener.heard.length >= last);
  expect([listener.failed, listener.positions]).toEqual([2, upTo(last)]);
});

it('lets no reader wait for one that fails', async () => {
  const ill = new Listener(fresh());
  ill.failures = Number.POSITIVE_INFINITY;
  ill.on(world.instance);
  const well = new Listener(fresh()).on(world.instance);
  await act(2);
  const last = await everything();
  await eventually(async () => well.heard.length >= last);
  expect(well.positions).toEqual(upTo(last));
  ill.failures = 0;
  await eventually(async () => ill.heard.length >= last);
  expect(ill.positions).toEqual(upTo(last));
});

it('commits what a reader writes with its progress, or neither', async () => {
  await world.database.sql('CREATE TABLE notes (position bigint)');
  const database = world.instance.app.get(Database);
  const listener = new Listener(fresh(), async (entries) => {
    for (const { position } of entries) await database.query('INSERT INTO notes VALUES ($1)', [position]);
  });
  listener.failures = 2;
  listener.on(world.instance);
  const last = await everything();
  await eventually(async () => listener.heard.length >= last);
  const notes = async () => (await world.database.sql<{ position: string }>('SELECT position FROM notes ORDER BY position')).map(({ position }) => Number(position));
  await eventually(async () => (await notes()).length >= last);
  expect(await notes()).toEqual(upTo(last));
});

it('goes on where a reader stood after a restart', async () => {
  const name = fresh();
  const first = await world.anotherInstance();
  const before = new Listener(name).on(first);
  const stood = await everything();
  await eventually(async () => before.heard.length >= stood);
  await first.app.close();
  await act(3);
  const after = new Listener(name).on(await world.anotherInstance());
  const last = await everything();
  await eventually(async () => after.heard.length >= last - stood);
  expect([before.positions, after.positions]).toEqual([upTo(stood), upTo(last, stood + 1)]);
});

it('tells a reader that runs on two instances everything once, also where both are told at the same time', async () => {
  const name = fresh();
  const instances = [world.instance, await world.anotherInstance()];
  // Slow, so that the one is still reading when the other is told.
  const listeners = instances.map((instance) => new Listener(name, async () => new Promise((resolve) => setTimeout(resolve, 100))).on(instance));
  let last = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    await act(3);
    last = await everything();
    await Promise.all(instances.map(async ({ app }) => app.get(Feed).deliver()));
  }
  const heard = () => listeners.flatMap(({ positions }) => positions);
  await eventually(async () => heard().length >= last);
  expect(heard().sort((a, b) => a - b)).toEqual(upTo(last));
  for (const { positions } of listeners) expect(positions).toEqual([...positions].sort((a, b) => a - b));
});

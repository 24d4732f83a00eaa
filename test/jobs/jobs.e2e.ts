import { Database } from '#database';
import { Jobs, type Queue } from '#jobs';
import { type Instance, World } from '../support/world.js';

interface Greeting {
  readonly name: string;
}

const GREETINGS: Queue<Greeting> = { name: 'test-greetings', retryLimit: 3, retryDelaySeconds: 1, retryDelayMaxSeconds: 1, timeoutSeconds: 10 };

let world: World;
let other: Instance;
const greeted: string[] = [];

beforeAll(async () => {
  // Queues are named before the application starts: the first instance only asks, the second works.
  world = await World.start();
  other = await world.anotherInstance((app) => {
    app.get(Jobs).handle(GREETINGS, async ({ name }) => {
      greeted.push(name);
      if (name === 'fails once' && greeted.filter((one) => one === name).length === 1) throw new Error('not yet');
    });
  });
});
afterAll(async () => {
  await world.stop();
});

function enqueue(name: string, fail = false): Promise<void> {
  const { app } = world.instance;
  return app.get(Database).transaction(async () => {
    await app.get(Jobs).enqueue(GREETINGS, { name });
    if (fail) throw new Error('rolled back');
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function waitingJobs(): Promise<number> {
  const [row] = await world.database.sql<{ count: string }>(`SELECT count(*) FROM jobs.job WHERE name = '${GREETINGS.name}'`);
  return Number(row?.count);
}

describe('a job', () => {
  it('is done on another instance once its transaction has committed, and leaves nothing behind', async () => {
    await enqueue('committed');
    await until(() => greeted.includes('committed'));
    await until(async () => (await waitingJobs()) === 0);
  });

  it('never was where its transaction rolled back', async () => {
    await expect(enqueue('undone', true)).rejects.toThrow('rolled back');
    expect(await waitingJobs()).toBe(0);
    await enqueue('after');
    await until(() => greeted.includes('after'));
    expect(greeted).not.toContain('undone');
  });

  it('is tried again after it failed', async () => {
    await enqueue('fails once');
    await until(() => greeted.filter((name) => name === 'fails once').length === 2);
    await until(async () => (await waitingJobs()) === 0);
  });

  it('does not show what it carries while it waits', async () => {
    const { app } = world.instance;
    await app.get(Database).transaction(() => app.get(Jobs).enqueue(GREETINGS, { name: 'a very secret name' }, { startAfterSeconds: 60 }));
    const rows = await world.database.sql<{ row: string }>(`SELECT j::text AS row FROM jobs.job j WHERE name = '${GREETINGS.name}'`);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain('secret');
  });

  it('is done after every connection of the service was cut', async () => {
    await world.database.outage(async () => undefined);
    await until(() => enqueue('after the cut').then(() => true, () => false));
    await until(() => greeted.includes('after the cut'));
    expect(other.base).not.toBe(world.instance.base);
  });
});

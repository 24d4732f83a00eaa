import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type Person, World } from '../support/world.js';

jest.setTimeout(120_000);

const KILLS = 10;
const AT_ONCE = 12;

let world: World;
const running = new Set<Service>();
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  for (const service of running) await service.kill();
  await world.stop();
});

const refresh = (token: string, base = world.instance.base) => world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: token });

describe('a refresh on several instances', () => {
  it('has one successor, whichever instance is asked, and also one that started later', async () => {
    const other = await world.anotherInstance();
    const { refreshToken } = await world.register();
    const bases = [world.instance.base, other.base];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => refresh(refreshToken, bases[index % 2])));
    const late = await world.anotherInstance();
    answers.push(await refresh(refreshToken, late.base));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  });

  it('ends on all of them when a stolen token comes to one', async () => {
    const other = await world.anotherInstance();
    const person = await world.register();
    await refresh(person.refreshToken, other.base);
    world.clock.advance({ seconds: 11 });
    expect((await refresh(person.refreshToken)).body.error).toBe('token_revoked');
    expect((await person.client.at(`${other.base}/api/v1`).get('/auth/me')).body.error).toBe('token_revoked');
  });
});

describe('a refresh while the database fails', () => {
  it('is 503 where it cannot be asked, and revokes nothing', async () => {
    const person = await world.register();
    await world.database.outage(async () => {
      const { status, body } = await refresh(person.refreshToken);
      expect([status, body.error]).toEqual([503, 'unavailable']);
    });
    await unharmed(person);
  });

  it('is 503 where the connection breaks between consuming and issuing, and consumes nothing', async () => {
    const person = await world.register();
    // Its audit entry cannot be written, so that it waits with the token consumed and nothing committed.
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE audit_entries IN SHARE MODE');
    const refreshing = refresh(person.refreshToken);
    await until(`SELECT 1 FROM pg_locks WHERE relation = 'audit_entries'::regclass AND NOT granted`);
    await world.database.outage(async () => {
      expect((await refreshing).status).toBe(503);
    });
    await world.database.sql('ROLLBACK');
    await unharmed(person);
  });

  async function until(happened: string): Promise<void> {
    while ((await world.database.sql(happened)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async function unharmed(person: Person): Promise<void> {
    let answer = await refresh(person.refreshToken);
    for (let tries = 0; answer.status === 503 && tries < 50; tries += 1) answer = await refresh(person.refreshToken);
    expect(answer.status).toBe(200);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  }
});

describe('a refresh while the process is killed', () => {
  it(`leaves the parent or the same successor, ${KILLS} times with many under way`, async () => {
    const people = await Promise.all(Array.from({ length: AT_ONCE }, () => world.register()));
    let tokens = people.map(({ refreshToken }) => refreshToken);
    let serving = await Service.start();
    let cutOff = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const next = Service.start();
      const chains = tokens.map((token) => chain(token, serving.base));
      // Each time at another moment of the refreshes under way.
      await new Promise((resolve) => setTimeout(resolve, 40 + 13 * kill));
      await serving.kill();
      const held = await Promise.all(chains);
      cutOff += held.length;
      serving = await next;
      const answers = await Promise.all(held.map((token) => refresh(token, serving.base)));
      expect(answers.map(({ status, body }) => [status, body.error])).toEqual(answers.map(() => [200, undefined]));
      tokens = answers.map(({ body }) => body.refresh_token as string);
    }
    expect(cutOff).toBe(KILLS * AT_ONCE);
    for (const { client } of people) expect((await client.get('/auth/me')).status).toBe(200);
  });
});

/** Refreshes again and again until the service is gone; the last token that a client of it would hold. */
async function chain(token: string, base: string): Promise<string> {
  let held = token;
  for (;;) {
    const answer = await refresh(held, base).catch(() => undefined);
    if (answer === undefined) return held;
    if (answer.status !== 200) throw new Error(`refresh: ${answer.status} ${JSON.stringify(answer.body)}`);
    held = answer.body.refresh_token;
  }
}

/** The service as it is deployed: a process of its own on the world's database. */
class Service {
  private constructor(
    private readonly child: ChildProcess,
    readonly base: string,
  ) {}

  static async start(): Promise<Service> {
    const port = await freePort();
    const child = spawn(process.execPath, ['dist/apps/api/src/main.js'], {
      env: { ...process.env, ...world.env, PORT: String(port), LOG_LEVEL: 'error' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const service = new Service(child, `http://127.0.0.1:${port}`);
    running.add(service);
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
      const ready = await world.stranger.at(service.base).get('/health/ready').catch(() => undefined);
      if (ready?.status === 200) return service;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(): Promise<void> {
    running.delete(this);
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

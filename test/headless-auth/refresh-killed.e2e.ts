import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { COMPILED } from '../support/process.js';
import { type Person, World } from '../support/world.js';

// Six starts of a whole process: two seconds of a core each, and much more on a machine that is shared.
jest.setTimeout(600_000);

/** By hand: 50. */
const KILLS = 5;
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

const refresh = (token: string, base: string) => world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: token });

describe('a refresh while the process is killed', () => {
  it(`leaves the parent or the same successor, ${KILLS} times with many under way`, async () => {
    const people: Person[] = [];
    // One after another: on a busy machine so many passwords at once are too many.
    while (people.length < AT_ONCE) people.push(await world.register());
    let tokens = people.map(({ refreshToken }) => refreshToken);
    let serving = await Service.start();
    let cutOff = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Ready before the kill: a start may take longer than the ten seconds in which a lost answer is given again.
      const next = await Service.start();
      const chains = tokens.map((token) => chain(token, serving.base));
      // Each time at another moment of the refreshes under way.
      await new Promise((resolve) => setTimeout(resolve, 40 + 13 * kill));
      await serving.kill();
      const held = await Promise.all(chains);
      cutOff += held.length;
      serving = next;
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
      env: { ...process.env, ...world.env, PORT: String(port), LOG_LEVEL: 'error', NODE_COMPILE_CACHE: COMPILED },
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

import type { Answer } from '../support/client.js';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { pause, report } from './until.js';

jest.setTimeout(240_000);

const AT_ONCE = 200;
const STORM_MS = 4_000;

let world: World;
let service: ServiceProcess;
let reader: Person;
beforeAll(async () => {
  // Every client comes from an address of its own, so that no lockout stands before the queue.
  world = await World.start({ env: { TRUST_PROXY: '127.0.0.1' } });
  service = await ServiceProcess.start(world.env);
  reader = await world.register();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

interface Timed {
  readonly answer: Answer;
  readonly ms: number;
}

async function timed(asked: Promise<Answer>): Promise<Timed> {
  const begun = performance.now();
  return { answer: await asked, ms: performance.now() - begun };
}

const median = (times: readonly Timed[]) => times.map(({ ms }) => ms).sort((one, other) => one - other)[times.length >> 1] ?? 0;

it(`while ${AT_ONCE} log in at once, who finds no place is refused quickly and told when to come back, and reading goes on`, async () => {
  const logins: Timed[] = [];
  const reads: Timed[] = [];
  const end = performance.now() + STORM_MS;
  const stormer = async (index: number): Promise<void> => {
    const client = world.visitor.at(`${service.base}/api/v1`).with({ 'x-forwarded-for': `203.0.${index >> 8}.${index & 255}` });
    while (performance.now() < end) {
      const login = await timed(client.post('/auth/login', { email: `nobody-${index}@acme.cz`, password: PASSWORD }));
      logins.push(login);
      if (login.answer.status === 503) await pause(Number(login.answer.headers.get('retry-after')) * 1_000);
    }
  };
  const reading = async (): Promise<void> => {
    const client = reader.client.at(`${service.base}/api/v1`);
    while (performance.now() < end) {
      reads.push(await timed(client.get('/auth/me')));
      await pause(20);
    }
  };
  await Promise.all([...Array.from({ length: AT_ONCE }, async (_, index) => stormer(index)), reading()]);

  const refused = logins.filter(({ answer }) => answer.status === 503);
  const evaluated = logins.filter(({ answer }) => answer.status === 401);
  report(
    `${evaluated.length} evaluated, ${refused.length} refused, median after ${Math.round(median(refused))} ms; ` +
      `${reads.length} reads, median ${Math.round(median(reads))} ms`,
  );
  expect(evaluated.length + refused.length).toBe(logins.length);
  expect(evaluated.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(evaluated.length);
  for (const { answer } of refused) expect([answer.body.error, answer.headers.get('retry-after')]).toEqual(['overloaded', '1']);
  expect(new Set(reads.map(({ answer }) => answer.status))).toEqual(new Set([200]));
  // No milliseconds, which say more of the machine: `npm run bench -- storm` measures. Who is refused does not wait as those in the queue do.
  expect(median(refused)).toBeLessThan(median(evaluated));
  expect((await reader.client.at(`${service.base}/api/v1`).get('/auth/me')).status).toBe(200);
});

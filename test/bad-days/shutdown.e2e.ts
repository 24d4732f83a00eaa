import { Agent } from 'node:http';
import { connect } from 'node:net';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, PRODUCT, World } from '../support/world.js';
import { type Exchange, send, verdictOf } from './exchange.js';
import { mostly, pause, until } from './until.js';

jest.setTimeout(240_000);

const IN_FLIGHT = 200;
/** Each a hash of a quarter of a second, and several on a busy machine. */
const LOGINS = 2;
const EXIT_MS = 10_000;
/** A client gives up some day, whatever the service does. */
const MOST_EACH = 200;
/** Served, or told honestly why not. */
const ANSWERS = ['200', '401 unauthorized', '429 rate_limit_exceeded', '503 overloaded', '503 unavailable'];

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterEach(async () => {
  await world.database.sql('ROLLBACK');
  await ServiceProcess.killAll();
});
afterAll(async () => {
  await world.stop();
});

const bearer = () => ({ authorization: `Bearer ${person.accessToken}` });
/** As somebody else each time: ten failures of one are too many. */
const login = () => ({ method: 'POST', headers: { 'x-product-slug': PRODUCT }, body: { email: world.freshEmail(), password: PASSWORD } });
const verdicts = (answers: Exchange[]) => [...new Set(answers.map(verdictOf))];

/** Once more, where a try before it was given up in its middle. */
async function start(): Promise<ServiceProcess> {
  await world.database.sql('ROLLBACK');
  await ServiceProcess.killAll();
  return ServiceProcess.start({ ...world.env, LOG_LEVEL: 'info' });
}

/** Sends the signal; by when the process heard it, and how and when it ended. */
function terminate(service: ServiceProcess) {
  const begun = performance.now();
  service.signal('SIGTERM');
  const heard = until(() => service.said.out.includes('shutting down'));
  const ended = service.exited.then((exit) => ({ ...exit, inTime: performance.now() - begun < EXIT_MS }));
  return { heard, ended };
}
const CLEANLY = { code: 0, signal: null, inTime: true };

it(`answers all of ${IN_FLIGHT} requests under way, on kept and on new connections, and then exits with 0`, async () => mostly(async () => {
  const service = await start();
  const kept = new Agent({ keepAlive: true });
  const me = `${service.base}/api/v1/auth/me`;
  await Promise.all(Array.from({ length: IN_FLIGHT / 2 }, () => send(`${service.base}/health/live`, { agent: kept }).answer));

  // They reach the database, and get no further.
  await world.database.sql('BEGIN');
  await world.database.sql('LOCK TABLE sessions');
  const requests = Array.from({ length: IN_FLIGHT }, (_, index) => {
    if (index < LOGINS) return send(`${service.base}/api/v1/auth/login`, { agent: kept, ...login() });
    return send(me, { agent: index % 2 === 0 ? kept : false, headers: bearer() });
  });
  await Promise.all(requests.map(({ sent }) => sent));
  const { heard, ended } = terminate(service);
  const late = heard.then(() => send(`${service.base}/health/live`, { agent: kept }).answer);
  const ready = heard.then(() => send(`${service.base}/health/ready`, { agent: false }).answer);
  expect(await ready).toMatchObject({ status: 503, body: expect.stringContaining('draining') });
  expect(await late).toEqual({ status: 200, body: '{"status":"ok"}', connection: 'close' });
  await until(async () => (await send(`${service.base}/health/live`, { agent: false }).answer).failure === 'ECONNREFUSED');
  await world.database.sql('ROLLBACK');

  const answers = await Promise.all(requests.map(({ answer }) => answer));
  expect(verdicts(answers.slice(LOGINS))).toEqual(['200']);
  expect(verdicts(answers.slice(0, LOGINS))).toEqual(['401 unauthorized']);
  expect(await ended).toEqual(CLEANLY);
}));

it(`drops nothing that was sent before the signal while ${IN_FLIGHT} clients go on sending, and hears a second signal calmly`, async () => mostly(async () => {
  const service = await start();
  const agent = new Agent({ keepAlive: true });
  const outcomes: { sentAt: number; answer: Exchange }[] = [];
  const client = async (index: number): Promise<void> => {
    for (let left = MOST_EACH; left > 0; left -= 1) {
      const { sent, answer } =
        index < LOGINS
          ? send(`${service.base}/api/v1/auth/login`, { agent, ...login() })
          : send(`${service.base}/api/v1/auth/me`, { agent: index % 2 === 0 ? agent : false, headers: bearer() });
      await Promise.race([sent, answer]);
      const outcome = { sentAt: performance.now(), answer: await answer };
      outcomes.push(outcome);
      if (outcome.answer.failure !== undefined) return;
      // Who is refused for want of room waits a moment, as it was told to.
      if (outcome.answer.status === 503) await pause(200);
    }
  };
  const clients = Array.from({ length: IN_FLIGHT }, async (_, index) => client(index));
  await until(() => outcomes.length > 2 * IN_FLIGHT);

  const signalled = performance.now();
  const { heard, ended } = terminate(service);
  await heard;
  service.signal('SIGTERM');
  service.signal('SIGINT');
  await Promise.all(clients);

  const before = outcomes.filter(({ sentAt }) => sentAt <= signalled).map(({ answer }) => verdictOf(answer));
  expect(before.filter((verdict) => !ANSWERS.includes(verdict))).toEqual([]);
  expect(await ended).toEqual(CLEANLY);
}));

it('exits with 0 in time while the database is down', async () => mostly(async () => {
  const service = await start();
  await world.database.outage(async () => {
    expect(await terminate(service).ended).toEqual(CLEANLY);
  });
}));

it('exits with 0 in time where a request never ends', async () => mostly(async () => {
  const service = await start();
  const socket = connect(Number(new URL(service.base).port), '127.0.0.1').on('error', () => undefined);
  socket.write('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{');
  await pause(200);
  expect(await terminate(service).ended).toEqual(CLEANLY);
  socket.destroy();
}));

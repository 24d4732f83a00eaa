import type { Answer, Client } from '../support/client.js';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { report, until } from './until.js';

jest.setTimeout(180_000);

/** More than twice what the pool holds. */
const WAITING = 40;
/** A statement may take ten seconds; then a slow machine needs time to say so. */
const PATIENCE_MS = 40_000;

let world: World;
let service: ServiceProcess;
let person: Person;
let caller: Client;
let visitor: Client;
beforeAll(async () => {
  world = await World.start();
  service = await ServiceProcess.start(world.env);
  person = await world.register();
  caller = person.client.at(`${service.base}/api/v1`);
  visitor = world.visitor.at(`${service.base}/api/v1`);
});
afterEach(async () => {
  await world.database.sql('ROLLBACK');
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

const ACTS: readonly (() => Promise<Answer>)[] = [
  async () => caller.get('/auth/me'),
  async () => caller.put('/auth/me', { name: 'Jan' }),
  async () => visitor.post('/auth/login', { email: person.email, password: PASSWORD }),
  async () => visitor.post('/auth/refresh', { refresh_token: person.refreshToken }),
  async () => visitor.post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'X', organization_name: 'X' }),
];

const verdict = ({ status, body, headers }: Answer) => `${status} ${body.error} ${headers.has('retry-after')}`;
const D = '503 unavailable true';

it('with every connection of the pool held by a lock, answers 503 in bounded time, and serves by itself once the lock is gone', async () => {
  await world.database.sql('BEGIN');
  await world.database.sql('LOCK TABLE users, sessions');
  const begun = performance.now();
  const waiting = Array.from({ length: WAITING }, async (_, index) => ACTS[index % ACTS.length]?.());
  const answers = (await Promise.all(waiting)).filter((answer) => answer !== undefined);
  report(`${answers.length} answered within ${Math.round(performance.now() - begun)} ms`);
  expect(performance.now() - begun).toBeLessThan(PATIENCE_MS);
  expect([...new Set(answers.map(verdict))]).toEqual([D]);
  expect((await service.client.get('/health/live')).status).toBe(200);
  await world.database.sql('ROLLBACK');

  await until(async () => (await caller.get('/auth/me')).status === 200);
  expect((await visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200);
  expect((await visitor.post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(200);
});

it('with a disk that is full, answers 503 to what would write, writes nothing, goes on reading, and serves once there is room', async () => {
  const somebody = await world.register();
  const client = somebody.client.at(`${service.base}/api/v1`);
  const rows = async () =>
    world.database.sql('SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM organizations) AS organizations');
  const before = await rows();
  // What PostgreSQL says when it cannot extend a file (SQLSTATE 53100).
  await world.database.sql(`
    CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`);
  await world.database.sql('CREATE TRIGGER no_space BEFORE INSERT ON audit_entries EXECUTE FUNCTION no_space()');
  for (const write of [
    async () => client.put('/auth/me', { name: 'Unwritten' }),
    async () => client.post('/auth/logout'),
    async () => visitor.post('/auth/refresh', { refresh_token: somebody.refreshToken }),
    async () => visitor.post('/auth/login', { email: somebody.email, password: PASSWORD }),
    async () => visitor.post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'X', organization_name: 'X' }),
  ]) {
    expect(verdict(await write())).toBe(D);
  }
  expect((await client.get('/auth/me')).body.user.name).toBe('Jan Novak');
  expect(await rows()).toEqual(before);

  await world.database.sql('DROP FUNCTION no_space CASCADE');
  expect((await visitor.post('/auth/refresh', { refresh_token: somebody.refreshToken })).status).toBe(200);
  expect((await client.put('/auth/me', { name: 'Written' })).status).toBe(200);
});

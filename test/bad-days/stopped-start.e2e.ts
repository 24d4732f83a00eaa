import { ServiceProcess } from '../support/process.js';
import { World } from '../support/world.js';
import { until } from './until.js';

jest.setTimeout(240_000);

/** Somebody of this database waits for the advisory lock of that name. */
const WAITING = `
  SELECT 1 FROM pg_locks
  WHERE locktype = 'advisory' AND NOT granted AND objid = (hashtext($1)::bigint & 4294967295)::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.database.sql('ROLLBACK');
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

describe('a service that is asked to stop while it starts', () => {
  it.each<[NodeJS.Signals, string]>([
    ['SIGTERM', 'migrations'],
    ['SIGTERM', 'products'],
    ['SIGTERM', 'signing-keys'],
    ['SIGINT', 'products'],
  ])('exits with 0 and without a word at %s before it has the lock of the %s', async (signal, step) => {
    await world.database.sql('BEGIN');
    await world.database.sql('SELECT pg_advisory_xact_lock(hashtext($1))', [`kiket-auth:${step}`]);
    const service = ServiceProcess.spawn(world.env);
    await until(async () => (await world.database.sql(WAITING, [`kiket-auth:${step}`])).length > 0);
    service.signal(signal);
    let exited = false;
    const exit = service.exited.finally(() => (exited = true));
    await until(() => exited, 10);
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(service.said.err).toBe('');
  });

  it('leaves nothing behind that the next start would stumble over', async () => {
    const next = await ServiceProcess.start(world.env);
    expect((await next.client.get('/health/ready')).status).toBe(200);
  });
});

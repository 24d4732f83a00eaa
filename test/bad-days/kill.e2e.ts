import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { pause, report, until } from './until.js';

jest.setTimeout(400_000);

/** By hand: 50. */
const KILLS = 5;
/** People whom the service knows register one organization after the other; newcomers come once. */
const KNOWN = 6;
const NEWCOMERS = 3;
/** A client gives up some day, whatever the service does. */
const MOST_EACH = 500;
/** What a shared machine may need at worst; alone it takes a second or two. */
const START_MS = 60_000;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

interface Acknowledged {
  readonly email: string;
  readonly organization: number;
}

const founding = (email: string) => ({ email, password: PASSWORD, name: 'X', organization_name: `X ${Math.random()}` });

/** Registers until the service is gone. */
async function register(service: ServiceProcess, email: string, times: number, acknowledged: Acknowledged[]): Promise<void> {
  const visitor = world.visitor.at(`${service.base}/api/v1`);
  for (let turn = 0; turn < times; turn += 1) {
    const answer = await visitor.post('/auth/register', founding(email)).catch(() => undefined);
    if (answer === undefined) return;
    if (answer.status === 201) acknowledged.push({ email, organization: answer.body.organization.id });
    else if (answer.status !== 503) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** Rows of an act of which another part is missing. */
const HALVES = `
  SELECT 'organization ' || o.id AS half FROM organizations o
  WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.organization_id = o.id AND m.user_id = o.founder_id AND m.role = 'admin')
     OR NOT EXISTS (SELECT FROM subscriptions b WHERE b.organization_id = o.id)
     OR NOT EXISTS (SELECT FROM sessions s WHERE s.organization_id = o.id)
     OR NOT EXISTS (SELECT FROM audit_entries a WHERE a.chain = 'organization:' || o.id AND a.action = 'user.registered')
     OR NOT EXISTS (SELECT FROM audit_entries a WHERE a.chain = 'organization:' || o.id AND a.action = 'session.started')
  UNION ALL
  SELECT 'user ' || u.id FROM users u
  WHERE NOT EXISTS (SELECT FROM passwords p WHERE p.user_id = u.id) OR NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
  UNION ALL
  SELECT 'entry ' || a.id FROM audit_entries a
  WHERE NOT EXISTS (SELECT FROM audit_pending p WHERE p.entry_id = a.id) AND NOT EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = a.id)`;

it(`killed with -9 ${KILLS} times while people register, each act is whole or was not, and the service starts again`, async () => {
  const known: Person[] = await Promise.all(Array.from({ length: KNOWN }, async () => world.register()));
  const acknowledged: Acknowledged[] = [];
  const starts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const begun = performance.now();
    const service = await ServiceProcess.start(world.env);
    starts.push(Math.round(performance.now() - begun));
    const clients = [
      ...known.map(async ({ email }) => register(service, email, MOST_EACH, acknowledged)),
      ...Array.from({ length: NEWCOMERS }, async () => register(service, world.freshEmail(), 1, acknowledged)),
    ];
    // In the middle of what is under way, each time at another moment of it.
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + kill);
    await pause(7 * kill);
    await service.kill();
    await Promise.all(clients);
    expect(await world.database.sql(HALVES)).toEqual([]);
  }
  report(`${acknowledged.length} registrations acknowledged; ready after ${starts.join(', ')} ms`);
  expect(Math.max(...starts)).toBeLessThan(START_MS);
  const kept = await world.database.sql<{ id: number }>('SELECT id::int FROM organizations');
  expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged.map(({ organization }) => organization)));
  for (const email of new Set(acknowledged.map((one) => one.email))) {
    expect((await world.visitor.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  }
});

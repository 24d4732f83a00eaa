import type { Answer, Client } from '../support/client.js';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { pause, report, until } from './until.js';

jest.setTimeout(240_000);

const CUTS = 20;
const CLIENTS = 12;
/** At least, between two cuts: enough for some to succeed. */
const PEACE_MS = 300;
/** A client gives up some day, whatever the service does. */
const MOST_EACH = 2_000;

/** Ends every connection of the service in the middle of what it does, as a database that fails over does. */
const CUT = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()`;

let world: World;
let service: ServiceProcess;
beforeAll(async () => {
  world = await World.start();
  service = await ServiceProcess.start({ ...world.env, LOG_LEVEL: 'error' });
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

const atService = (client: Client) => client.at(`${service.base}/api/v1`);

interface Log {
  readonly registered: string[];
  /** By person: the last name that was acknowledged, and one whose fate the client does not know. */
  readonly names: Map<Person, { acknowledged: string; unknown: string[] }>;
  readonly refused: Map<string, number>;
}

it(`loses nothing that it acknowledged, and refuses nobody wrongly, while every connection is cut ${CUTS} times under load`, async () => {
  const people = await Promise.all(Array.from({ length: CLIENTS }, async () => world.register()));
  const log: Log = { registered: [], names: new Map(people.map((person) => [person, { acknowledged: 'Jan Novak', unknown: [] }])), refused: new Map() };
  let over = false;
  const clients = [...people.flatMap((person) => [renames(person, log, () => over), reads(person, log, () => over)]), registers(log, () => over), registers(log, () => over)];

  for (let cut = 0; cut < CUTS; cut += 1) {
    await pause(PEACE_MS + 37 * (cut % 5));
    await world.database.sql(CUT);
  }
  await pause(200);
  over = true;
  await Promise.all(clients);
  report(`${log.registered.length} registered, refused: ${JSON.stringify(Object.fromEntries(log.refused))}`);
  await until(async () => (await service.client.get('/health/ready')).status === 200);

  // A connection to the service that broke would have thrown: the process lives on.
  expect([...log.refused.keys()].filter((verdict) => verdict !== '503 unavailable' && verdict !== '503 overloaded')).toEqual([]);
  expect(service.said.out).not.toContain('unexpected error');
  expect([service.running, service.said.err]).toEqual([true, '']);
  // Otherwise the cuts hit nobody, or nobody was ever served between them.
  expect([...log.names.values()].filter(({ acknowledged }) => acknowledged.startsWith('Name'))).not.toEqual([]);
  expect(log.refused.get('503 unavailable')).toBeGreaterThan(CUTS);
  for (const [person, { acknowledged, unknown }] of log.names) {
    expect([acknowledged, ...unknown]).toContain((await person.client.get('/auth/me')).body.user.name);
  }
  for (const email of log.registered) expect((await world.login(email)).email).toBe(email);
  for (const person of people) expect((await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200);
});

async function renames(person: Person, { names, refused }: Log, isOver: () => boolean): Promise<void> {
  const client = atService(person.client);
  const mine = names.get(person);
  if (mine === undefined) return;
  for (let turn = 0; turn < MOST_EACH && !isOver(); turn += 1) {
    const name = `Name ${turn}`;
    mine.unknown.push(name);
    const answer = await client.put('/auth/me', { name });
    if (answer.status === 200) Object.assign(mine, { acknowledged: name, unknown: [] });
    else count(answer, refused);
  }
}

async function reads(person: Person, { refused }: Log, isOver: () => boolean): Promise<void> {
  const client = atService(person.client);
  for (let turn = 0; turn < MOST_EACH && !isOver(); turn += 1) {
    const answer = await client.get('/auth/me');
    if (answer.status !== 200) count(answer, refused);
    await pause(5);
  }
}

async function registers({ registered, refused }: Log, isOver: () => boolean): Promise<void> {
  const visitor = atService(world.visitor);
  for (let turn = 0; turn < MOST_EACH && !isOver(); turn += 1) {
    const email = world.freshEmail();
    const answer = await visitor.post('/auth/register', { email, password: PASSWORD, name: 'X', organization_name: `X ${email}` });
    if (answer.status === 201) registered.push(email);
    else count(answer, refused);
    await pause(20);
  }
}

function count({ status, body }: Answer, refused: Map<string, number>): void {
  const verdict = `${status} ${body.error}`;
  refused.set(verdict, (refused.get(verdict) ?? 0) + 1);
}

import type { Answer, Client } from '../support/client.js';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { pause, report, until, within } from './until.js';

jest.setTimeout(240_000);

/** By hand: 60. */
const DOWN_SECONDS = 6;
const RECOVERY_MS = 2_000;

let world: World;
let service: ServiceProcess;
let person: Person;
/** Somebody who names the product, at the process. */
let visitor: Client;
let caller: Client;
beforeAll(async () => {
  world = await World.start();
  service = await ServiceProcess.start(world.env);
  person = await world.register();
  visitor = world.visitor.at(`${service.base}/api/v1`);
  caller = person.client.at(`${service.base}/api/v1`);
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

const ACTS: Readonly<Record<string, () => Promise<Answer>>> = {
  'GET /auth/me': async () => caller.get('/auth/me'),
  'PUT /auth/me': async () => caller.put('/auth/me', { name: 'Jan' }),
  'PUT /auth/me with a password': async () => caller.put('/auth/me', { password: 'AnotherPass456!', current_password: PASSWORD }),
  'GET /auth/sessions': async () => caller.get('/auth/sessions'),
  'DELETE /auth/sessions': async () => caller.delete('/auth/sessions'),
  'POST /auth/logout': async () => caller.post('/auth/logout'),
  'POST /auth/switch_org': async () => caller.post('/auth/switch_org', { organization_id: person.organizationId }),
  'POST /users': async () => caller.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }),
  'PATCH /users/:id': async () => caller.patch(`/users/${person.id}`, { user: { role: 'admin' } }),
  'DELETE /users/:id': async () => caller.delete(`/users/${person.id}`),
  'POST /auth/login': async () => visitor.post('/auth/login', { email: person.email, password: PASSWORD }),
  'POST /auth/login, wrong password': async () => visitor.post('/auth/login', { email: person.email, password: 'WrongPass123!' }),
  'POST /auth/register': async () => visitor.post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'X', organization_name: 'X' }),
  'POST /auth/refresh': async () => visitor.post('/auth/refresh', { refresh_token: person.refreshToken }),
  'POST /auth/forgot_password': async () => visitor.post('/auth/forgot_password', { email: person.email }),
  'PUT /auth/reset_password': async () => visitor.put('/auth/reset_password', { token: `krt_${'0'.repeat(40)}b3e8f7a1`, password: PASSWORD }),
};

/** What the service answers to everything, and whether it says when to ask again. */
async function answers(): Promise<Record<string, string>> {
  const entries = await Promise.all(
    Object.entries(ACTS).map(async ([name, act]) => {
      const { status, body, headers } = await act();
      return [name, `${status} ${body.error} ${headers.has('retry-after')}`];
    }),
  );
  return Object.fromEntries(entries);
}

it(`answers 503 to everything while the database is down, and serves again within ${RECOVERY_MS / 1000} seconds, in the same process, with every session alive`, async () => {
  const before = await world.database.sql('SELECT id, revoked_at, refresh_jti FROM sessions ORDER BY id');
  const { pid } = service;

  await world.database.outage(async () => {
    for (const end = performance.now() + DOWN_SECONDS * 1000; performance.now() < end; await pause(500)) {
      expect(await answers()).toEqual(Object.fromEntries(Object.keys(ACTS).map((name) => [name, '503 unavailable true'])));
      const { status, body } = await service.client.get('/health/ready');
      expect([status, body.missing]).toEqual([503, expect.arrayContaining(['database'])]);
      expect((await service.client.get('/health/live')).status).toBe(200);
      expect((await service.client.get('/.well-known/jwks.json')).status).toBe(200);
    }
  });
  const served = async () => (await caller.get('/auth/me')).status === 200;
  let outages = 1;
  const recovered = await within(RECOVERY_MS, async () => {
    if (outages > 1) await world.database.outage(async () => until(async () => !(await served())));
    outages += 1;
    return until(served);
  });
  report(`served again ${recovered.map(Math.round).join(', ')} ms after the database accepted connections`);

  expect(await world.database.sql('SELECT id, revoked_at, refresh_jti FROM sessions ORDER BY id')).toEqual(before);
  expect((await visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200);
  expect((await visitor.post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(200);
  expect((await service.client.get('/health/ready')).status).toBe(200);
  expect([service.pid, service.running]).toEqual([pid, true]);
});

it('counts no try of a password against anybody that an outage cut off', async () => {
  const victim = await world.register();
  await world.database.outage(async () => {
    for (let tries = 0; tries < 12; tries += 1) await visitor.post('/auth/login', { email: victim.email, password: 'WrongPass123!' });
  });
  await until(async () => (await service.client.get('/health/ready')).status === 200);
  expect((await visitor.post('/auth/login', { email: victim.email, password: PASSWORD })).status).toBe(200);
});

import { setTimeout as pause } from 'node:timers/promises';
import { ServiceProcess } from '../support/process.js';
import { PASSWORD, PRODUCT, World } from '../support/world.js';

jest.setTimeout(120_000);

const KILLS = 5;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

function register(base: string, email: string): Promise<number> {
  return fetch(`${base}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-product-slug': PRODUCT },
    body: JSON.stringify({ email, password: PASSWORD, name: 'Killed', organization_name: email }),
  }).then(
    ({ status }) => status,
    () => 0,
  );
}

it('killed with -9 while people register, each registration is all or nothing', async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const service = await ServiceProcess.start(world.env);
    const registrations = Array.from({ length: 6 }, (_, index) => register(service.base, `kill-${kill}-${index}@acme.cz`));
    // In the middle: some have their answer, others are on their way.
    await Promise.race(registrations);
    await pause(20 * kill);
    await Promise.all([service.kill(), ...registrations]);
  }
  const halves = await world.database.sql(`
    SELECT u.email FROM users u
    LEFT JOIN passwords p ON p.user_id = u.id
    LEFT JOIN memberships m ON m.user_id = u.id
    LEFT JOIN organizations o ON o.founder_id = u.id
    LEFT JOIN subscriptions b ON b.organization_id = o.id
    LEFT JOIN sessions s ON s.user_id = u.id
    LEFT JOIN audit_entries e ON e.action = 'user.registered' AND e.target_id = u.id::text
    WHERE p.user_id IS NULL OR m.id IS NULL OR b.id IS NULL OR s.id IS NULL OR e.id IS NULL`);
  expect(halves).toEqual([]);
  expect(await world.database.sql('SELECT 1 FROM users')).not.toHaveLength(0);
});

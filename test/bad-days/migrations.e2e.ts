import { ServiceProcess } from '../support/process.js';
import { ScratchDatabase } from '../support/scratch-database.js';
import { World } from '../support/world.js';

jest.setTimeout(300_000);

/** Two processes hardly ever arrive at the same instant. */
const ROUNDS = 2;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

it('of two services that start at once on an empty database one migrates, and both serve', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const empty = await ScratchDatabase.create();
    await empty.sql('DROP SCHEMA public CASCADE');
    await empty.sql('CREATE SCHEMA public');
    const env = { ...world.env, DATABASE_URL: empty.url, LOG_LEVEL: 'info' };
    const services = [ServiceProcess.spawn(env), ServiceProcess.spawn(env)];
    await Promise.all(services.map((service) => service.ready()));

    const applied = await empty.sql<{ name: string }>('SELECT name FROM migrations ORDER BY id');
    const told = services.map(({ said }) => [...said.out.matchAll(/The database was migrated: (\w+)\./g)].map(([, name]) => name));
    expect(told.sort((one, other) => other.length - one.length)).toEqual([applied.map(({ name }) => name), []]);

    const email = world.freshEmail();
    const [first, second] = services.map((service) => world.visitor.at(`${service.base}/api/v1`));
    const registered = await first?.post('/auth/register', { email, password: 'SecurePass123!', name: 'X', organization_name: 'X' });
    expect(registered?.status).toBe(201);
    expect((await second?.bearer(registered?.body.access_token).get('/auth/me'))?.status).toBe(200);
    expect(await empty.sql('SELECT 1 FROM signing_keys')).toHaveLength(1);
    await ServiceProcess.killAll();
    await empty.close();
  }
});

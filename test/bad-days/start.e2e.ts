import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScratchDatabase } from '../support/scratch-database.js';
import { ServiceProcess } from '../support/process.js';
import { World } from '../support/world.js';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await World.start();
  folder = mkdtempSync(join(tmpdir(), 'kiket-start-'));
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
  rmSync(folder, { recursive: true });
});

async function refused(env: Readonly<Record<string, string>>): Promise<string> {
  const service = ServiceProcess.spawn(env);
  expect((await service.exited).code).toBe(1);
  expect(service.said.err).not.toMatch(/^\s+at /m);
  return service.said.err;
}

describe('a start is refused, with every fault named and no stack trace,', () => {
  it('in production without what production needs', async () => {
    const output = await refused({ NODE_ENV: 'production', DATA_DIR: folder, DATABASE_URL: world.database.url });
    for (const setting of ['SMTP_URL', 'MAIL_FROM', 'SECRETS_KEY', 'PASSWORD_PEPPER']) expect(output).toContain(setting);
  });

  it('with malformed settings', async () => {
    const output = await refused({ DATA_DIR: folder, PORT: 'many', DATABASE_URL: 'mysql://x', SECRETS_KEY: 'short', LOG_LEVEL: 'loud' });
    for (const setting of ['PORT', 'DATABASE_URL', 'SECRETS_KEY', 'LOG_LEVEL']) expect(output).toContain(`${setting}:`);
  });

  it('with a faulty products file', async () => {
    const file = join(folder, 'products.yml');
    writeFileSync(file, 'products:\n  - slug: Bad Slug\n');
    expect(await refused({ ...world.env, PRODUCTS_FILE: file })).toContain('products.0.slug');
  });
});

describe('two instances that start at once on an empty database', () => {
  it('both serve: one migrates, the other waits', async () => {
    const empty = await ScratchDatabase.create();
    await empty.sql('DROP SCHEMA public CASCADE');
    await empty.sql('CREATE SCHEMA public');
    const env = { ...world.env, DATABASE_URL: empty.url };
    const both = await Promise.all([ServiceProcess.start(env), ServiceProcess.start(env)]);
    expect(await empty.sql('SELECT 1 FROM migrations')).toHaveLength(1);
    for (const service of both) service.signal('SIGTERM');
    for (const service of both) expect((await service.exited).code).toBe(0);
    await empty.drop();
  });
});

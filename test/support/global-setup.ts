import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import { EmbeddedPostgres, migrate } from '#database';
import type { MIGRATIONS as Migrations } from '../../apps/api/src/migrations/index.js';

/** Before the id of the run's process. */
const OURS = 'kiket_template_';

/**
 * One PostgreSQL for the whole run: that of TEST_DATABASE_URL, else the embedded one. Every test file gets a database of its
 * own, copied from a template that is migrated once.
 */
export default async function setUp(): Promise<void> {
  const given = process.env['TEST_DATABASE_URL'];
  const embedded = given === undefined ? await EmbeddedPostgres.start(resolve('.data/test')) : undefined;
  const adminUrl = given ?? embedded?.url ?? '';
  const template = `${OURS}${process.pid}_${createHash('sha256').update(readFileSync('package.json')).digest('hex').slice(0, 6)}`;
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  if (embedded !== undefined) await sweep(admin);
  await admin.query(`CREATE DATABASE ${template}`);
  await admin.end();
  // Compiled, since Jest maps no paths for a global setup.
  const { MIGRATIONS } = (await import(resolve('dist/apps/api/src/migrations/index.js'))) as { MIGRATIONS: typeof Migrations };
  await migrate(databaseUrl(adminUrl, template), MIGRATIONS);
  await createJobQueue(databaseUrl(adminUrl, template));
  process.env['KIKET_TEST_ADMIN_URL'] = adminUrl;
  process.env['KIKET_TEST_TEMPLATE'] = template;
  Object.assign(globalThis, { kiketEmbedded: embedded });
}

/** What a run that was interrupted left behind: the embedded server's databases are all of this machine's processes. */
async function sweep(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [OURS]);
  for (const { datname } of rows) if (!isAlive(Number(datname.slice(OURS.length).split('_')[0]))) await admin.query(`DROP DATABASE ${datname} WITH (FORCE)`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The queue's own schema too, so that no world has to make it. */
async function createJobQueue(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema: 'jobs', schedule: false, supervise: false });
  await boss.start();
  await boss.stop({ graceful: false });
}

function databaseUrl(adminUrl: string, database: string): string {
  return Object.assign(new URL(adminUrl), { pathname: `/${database}` }).toString();
}

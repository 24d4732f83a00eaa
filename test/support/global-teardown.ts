import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '#database';

/** Each drop waits for a checkpoint of the server; those that come together share one. */
const AT_ONCE = 8;
/** insufficient_privilege, as DROP … WITH (FORCE) says it of a process of the server's own. */
const CLEANER_AT_WORK = '42501';
const MOST_TRIES = 40;
const PAUSE_MS = 250;

/** Drops the template and every database that was copied from it. */
export default async function tearDown(): Promise<void> {
  const admins = Array.from({ length: AT_ONCE }, () => new Client({ connectionString: process.env['KIKET_TEST_ADMIN_URL'] }));
  await Promise.all(admins.map(async (admin) => admin.connect()));
  const made = await admins[0]?.query<{ datname: string }>('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [process.env['KIKET_TEST_TEMPLATE']]);
  const left = made?.rows ?? [];
  await Promise.all(admins.map(async (admin) => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await drop(admin, next.datname);
    await admin.end();
  }));
  await (globalThis as { kiketEmbedded?: EmbeddedPostgres }).kiketEmbedded?.stop();
}

async function drop(admin: Client, database: string): Promise<void> {
  // PostgreSQL's own cleaner may be at work in it, and is not ours to send away.
  for (let tries = 1; ; tries += 1) {
    try {
      return void (await admin.query(`DROP DATABASE ${database} WITH (FORCE)`));
    } catch (error) {
      if ((error as { code?: string }).code !== CLEANER_AT_WORK || tries === MOST_TRIES) throw error;
      await pause(PAUSE_MS);
    }
  }
}

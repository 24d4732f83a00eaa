import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '#database';

/** insufficient_privilege, as DROP … WITH (FORCE) says it of a process of the server's own. */
const CLEANER_AT_WORK = '42501';
const MOST_TRIES = 40;
const PAUSE_MS = 250;

/** Drops the template and every database that was copied from it. */
export default async function tearDown(): Promise<void> {
  const admin = new Client({ connectionString: process.env['KIKET_TEST_ADMIN_URL'] });
  await admin.connect();
  const made = await admin.query<{ datname: string }>('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [process.env['KIKET_TEST_TEMPLATE']]);
  for (const { datname } of made.rows) await drop(admin, datname);
  await admin.end();
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

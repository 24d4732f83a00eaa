import { Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { connectionOptions } from './connection.js';

type Migrations = readonly (new () => MigrationInterface)[];

const LOCK = 'kiket-auth:migrations';

/** Brings the database to this version's schema; of several instances that start at once, one does and the others wait. */
export async function migrate(url: string, migrations: Migrations): Promise<readonly string[]> {
  const guard = new Client({ connectionString: url, application_name: 'kiket-auth migrations' });
  // Whatever ends it ends the statement under way too, which says so.
  guard.on('error', () => undefined);
  await guard.connect();
  try {
    await guard.query('SELECT pg_advisory_lock(hashtext($1))', [LOCK]);
    // A step may take as long as it takes: nobody is being served yet.
    const source = await new DataSource({ ...connectionOptions(url), extra: {}, migrations: [...migrations] }).initialize();
    try {
      const applied = await source.runMigrations({ transaction: 'each' });
      return applied.map((migration) => migration.name);
    } finally {
      await source.destroy();
    }
  } finally {
    await guard.end();
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';

/** insufficient_privilege, as DROP … WITH (FORCE) says it of a process of the server's own. */
const CLEANER_AT_WORK = '42501';
const MOST_TRIES = 40;
const PAUSE_MS = 250;

/** A database of one test file: migrated, empty, dropped at its end. */
export class ScratchDatabase {
  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly client: Client,
  ) {}

  static async create(): Promise<ScratchDatabase> {
    const name = `kiket_test_${randomBytes(6).toString('hex')}`;
    await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${process.env['KIKET_TEST_TEMPLATE'] ?? 'kiket_template'}`);
    const url = Object.assign(new URL(adminUrl()), { pathname: `/${name}` }).toString();
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return new ScratchDatabase(url, name, client);
  }

  async sql<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, [...values])).rows;
  }

  async drop(): Promise<void> {
    await this.client.end();
    // PostgreSQL's own cleaner may be at work in it, and is not ours to send away.
    for (let tries = 1; ; tries += 1) {
      try {
        return await asAdmin(`DROP DATABASE ${this.name} WITH (FORCE)`);
      } catch (error) {
        if ((error as { code?: string }).code !== CLEANER_AT_WORK || tries === MOST_TRIES) throw error;
        await pause(PAUSE_MS);
      }
    }
  }

  /** Lets no new connection in, and ends the present ones: what an outage looks like from the service. */
  async outage<T>(during: () => Promise<T>): Promise<T> {
    await asAdmin(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS false`);
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${this.name}' AND usename = current_user AND pid <> ${await this.ownPid()}`);
    try {
      return await during();
    } finally {
      await asAdmin(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS true`);
    }
  }

  private async ownPid(): Promise<number> {
    const [row] = await this.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return row?.pid ?? 0;
  }
}

function adminUrl(): string {
  return process.env['KIKET_TEST_ADMIN_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
}

async function asAdmin(statement: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}

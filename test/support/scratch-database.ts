import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

/**
 * A database of one test file: migrated and empty. It is dropped at the end of the run: ext4 looks at every file that was
 * deleted within the last minutes before it makes a new one, and a database is a thousand of them.
 */
export class ScratchDatabase {
  /** One statement after the other, whoever asks meanwhile: they share a connection, and so a transaction. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly client: Client,
  ) {}

  static async create(): Promise<ScratchDatabase> {
    const template = process.env['KIKET_TEST_TEMPLATE'] ?? '';
    const name = `${template}_${randomBytes(6).toString('hex')}`;
    await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    const url = Object.assign(new URL(adminUrl()), { pathname: `/${name}` }).toString();
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return new ScratchDatabase(url, name, client);
  }

  async sql<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const asked = this.turn.then(async () => this.client.query<Row>(text, [...values]));
    this.turn = asked.catch(() => undefined);
    return (await asked).rows;
  }

  /** Ends all connections to it; the end of the run drops it. */
  async close(): Promise<void> {
    await this.client.end();
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${this.name}' AND usename = current_user`);
  }

  /** Lets no new connection in, and ends the present ones: what an outage looks like from the service. */
  async outage<T>(during: () => Promise<T>): Promise<T> {
    await asAdmin(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS false`);
    // Whoever was just being let in is seen a moment later, and whoever was told to go is gone a moment later.
    const rest = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${this.name}' AND usename = current_user AND pid <> ${await this.ownPid()}`;
    while ((await asAdmin(rest)) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
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

/** How many rows it is answered with. */
async function asAdmin(statement: string): Promise<number> {
  const admin = new Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return (await admin.query(statement)).rowCount ?? 0;
  } finally {
    await admin.end();
  }
}

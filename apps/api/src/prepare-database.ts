import { Config } from '#config';
import { EmbeddedPostgres, migrate } from '#database';
import { MIGRATIONS } from './migrations/index.js';

export interface PreparedDatabase {
  readonly config: Config;
  /** Lets go of the embedded server, where there is one. */
  stop(): Promise<void>;
}

/** A database to work on, at this version's schema: the configured one, else the embedded server in DATA_DIR. */
export async function prepareDatabase(config: Config, report: (line: string) => void): Promise<PreparedDatabase> {
  if (config.databaseUrl !== undefined) {
    await bringUpToDate(config.databaseUrl, report);
    return { config, stop: async () => undefined };
  }
  const server = await EmbeddedPostgres.start(config.dataDir, report);
  await bringUpToDate(server.url, report);
  return { config: { ...config, databaseUrl: server.url }, stop: () => server.stop() };
}

async function bringUpToDate(url: string, report: (line: string) => void): Promise<void> {
  for (const migration of await migrate(url, MIGRATIONS)) report(`The database was migrated: ${migration}.`);
}

import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';

/** How the service speaks to PostgreSQL: bounded waits, so that an outage is an answer and not a hang. */
export function connectionOptions(url: string): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    parseInt8: true,
    applicationName: 'kiket-auth',
    poolSize: 16,
    connectTimeoutMS: 5_000,
    extra: { statement_timeout: 10_000, idle_in_transaction_session_timeout: 10_000, keepAlive: true },
  };
}

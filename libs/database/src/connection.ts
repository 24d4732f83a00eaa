import type { Client } from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';

const STATEMENT_MS = 10_000;

/** How the service speaks to PostgreSQL: bounded waits, so that an outage is an answer and not a hang. */
export function connectionOptions(url: string): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    parseInt8: true,
    applicationName: 'kiket-auth',
    poolSize: 10,
    connectTimeoutMS: 5_000,
    extra: {
      statement_timeout: STATEMENT_MS,
      // A moment earlier, and also where the server has stopped answering at all.
      query_timeout: STATEMENT_MS - 1_000,
      idle_in_transaction_session_timeout: STATEMENT_MS,
      keepAlive: true,
      onConnect: survivable,
    },
  };
}

/**
 * The pool hands a connection out before its new holder can listen: an end that is told in between would end the process.
 * Whoever uses the connection then is refused by it.
 */
function survivable(client: Client): void {
  client.on('error', () => undefined);
}

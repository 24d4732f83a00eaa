import { until } from '../bad-days/until.js';
import type { Answer } from '../support/client.js';
import type { World } from '../support/world.js';

type Statement = readonly [string, readonly unknown[]];

/**
 * What a request is answered that comes while somebody else's transaction has done this and has not yet ended: it waits for the
 * end, before which that transaction may do some more.
 */
export async function meanwhile(world: World, statements: readonly Statement[], request: () => Promise<Answer>, more: readonly Statement[] = []): Promise<Answer> {
  const { database } = world;
  await database.sql('BEGIN');
  try {
    for (const [text, values] of statements) await database.sql(text, values);
    const answer = request();
    await until(async () => (await database.sql('SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))')).length > 0, 30);
    for (const [text, values] of more) await database.sql(text, values);
    await database.sql('COMMIT');
    return await answer;
  } catch (error) {
    await database.sql('ROLLBACK');
    throw error;
  }
}

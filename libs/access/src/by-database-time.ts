import type { Clock } from '#clock';
import type { Database } from '#database';
import type { Use } from './traffic.js';

/** The same uses by the database's clock, by which all instances tell the time; each was seen by its own instance's. */
export async function byDatabaseTime<T extends Use>(uses: readonly T[], database: Database, clock: Clock): Promise<T[]> {
  const told = await database.time();
  const ahead = clock.now().getTime() - told.getTime();
  return uses.map((use) => ({ ...use, lastAt: new Date(use.lastAt.getTime() - ahead) }));
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Allowance } from '../domain/lockout.js';

export interface Counted extends Record<string, unknown> {
  readonly count: number;
  readonly startedAt: Date;
}

const SWEEP_EVERY = 500;
const LONGEST_WINDOW_MS = 60 * 60 * 1000;

/** Tries per key, shared by all instances and outliving a restart. */
@Injectable()
export class AttemptRepository {
  private untilSweep = SWEEP_EVERY;

  constructor(private readonly database: Database) {}

  /** Counts one more try, in a new window where the last one is over; of any number at once each gets its own count. */
  async count(key: string, { windowMs }: Allowance, now: Date): Promise<Counted> {
    await this.sweepSometimes(now);
    const [row] = await this.database.query<Counted>(
      `INSERT INTO attempts AS a (key, started_at, count) VALUES ($1, $2, 1)
       ON CONFLICT (key) DO UPDATE SET
         count = CASE WHEN a.started_at <= $3 THEN 1 ELSE a.count + 1 END,
         started_at = CASE WHEN a.started_at <= $3 THEN $2 ELSE a.started_at END
       RETURNING count, started_at AS "startedAt"`,
      [key, now, new Date(now.getTime() - windowMs)],
    );
    if (row === undefined) throw new Error('an attempt was not counted');
    return row;
  }

  /** Takes back a try that was not evaluated, or that succeeded. */
  async uncount(keys: readonly string[]): Promise<void> {
    await this.database.query(
      `UPDATE attempts SET count = greatest(count - 1, 0) WHERE key IN (SELECT key FROM attempts WHERE key = ANY($1) ORDER BY key FOR UPDATE)`,
      [keys],
    );
  }

  async forget(key: string): Promise<void> {
    await this.database.query('DELETE FROM attempts WHERE key = $1', [key]);
  }

  /** Keys of attackers' invention do not pile up. */
  private async sweepSometimes(now: Date): Promise<void> {
    this.untilSweep -= 1;
    if (this.untilSweep > 0) return;
    this.untilSweep = SWEEP_EVERY;
    await this.database.query('DELETE FROM attempts WHERE started_at <= $1', [new Date(now.getTime() - LONGEST_WINDOW_MS)]);
  }
}

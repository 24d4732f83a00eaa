import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Allowance } from '../domain/lockout.js';

interface Taken extends Record<string, unknown> {
  /** False: the window is full, and the try was not counted. */
  readonly taken: boolean;
  /** Of the window. */
  readonly startedAt: Date;
}

const SWEEP_EVERY = 500;
const LONGEST_WINDOW_MS = 60 * 60 * 1000;

/** Tries per key, shared by all instances and outliving a restart. */
@Injectable()
export class AttemptRepository {
  private untilSweep = SWEEP_EVERY;

  constructor(private readonly database: Database) {}

  /** Takes one more try out of the window, or out of a new one where the last is over; of any number at once no more get one than are left. */
  async take(key: string, { most, windowMs }: Allowance, now: Date): Promise<Taken> {
    await this.sweepSometimes(now);
    const [row] = await this.database.query<Taken>(
      `WITH counted AS (
         INSERT INTO attempts AS a (key, started_at, count) VALUES ($1, $2, 1)
         ON CONFLICT (key) DO UPDATE SET
           count = CASE WHEN a.started_at <= $3 THEN 1 ELSE a.count + 1 END,
           started_at = CASE WHEN a.started_at <= $3 THEN $2 ELSE a.started_at END
         WHERE a.started_at <= $3 OR a.count < $4
         RETURNING 1)
       SELECT EXISTS (SELECT FROM counted) AS taken, coalesce((SELECT started_at FROM attempts WHERE key = $1), $2) AS "startedAt"`,
      [key, now, new Date(now.getTime() - windowMs), most],
    );
    if (row === undefined) throw new Error('an attempt was not counted');
    return row;
  }

  /** Gives back a try that was not evaluated, or that succeeded. */
  async giveBack(keys: readonly string[]): Promise<void> {
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

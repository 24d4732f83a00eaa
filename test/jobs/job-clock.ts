import type { World } from '../support/world.js';

/** The clock by which jobs wait for their next try, moved ahead together with the world's: so an outage of a day takes seconds. */
export class JobClock {
  private aheadSeconds = 0;

  constructor(
    private readonly world: World,
    private readonly queues: readonly string[],
  ) {}

  /** Moves to where all that waits is due, and waits until all of it was tried; how many seconds went by. */
  async nextTry(): Promise<number> {
    const { clock, database } = this.world;
    await this.nothingIsDue();
    const [row] = await database.sql<{ seconds: number }>(
      `SELECT greatest(0, ceil(extract(epoch FROM max(start_after) - jobs.job_now())))::int AS seconds FROM jobs.job WHERE name = ANY($1)`,
      [this.queues],
    );
    const seconds = row?.seconds ?? 0;
    this.aheadSeconds += seconds;
    clock.advance({ seconds });
    await database.sql(`CREATE OR REPLACE FUNCTION jobs.job_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() + interval '${this.aheadSeconds} seconds' $$`);
    // As a fresh job would wake them.
    for (const queue of this.queues) await database.sql(`SELECT pg_notify('pgboss_' || left(encode(sha224('jobs'), 'hex'), 24), $1)`, [queue]);
    await this.nothingIsDue();
    return seconds;
  }

  private async nothingIsDue(): Promise<void> {
    const due = async () => this.world.database.sql(`SELECT 1 FROM jobs.job WHERE name = ANY($1) AND (state = 'active' OR start_after <= jobs.job_now())`, [this.queues]);
    for (const deadline = Date.now() + 60_000; (await due()).length > 0; ) {
      if (Date.now() > deadline) throw new Error('jobs that are due wait');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

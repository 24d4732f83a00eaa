import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '#database';
import { Rounds } from '#jobs';

const PAUSE_SECONDS = 3_600;
const KEPT_DAYS = 3;

/** Forgets happenings that every reader has heard of; acts are kept for good. */
@Injectable()
export class Forgetting implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'forgetting of happenings', async () => this.forget());
  }

  async forget(): Promise<void> {
    await this.database.query(
      `DELETE FROM happenings
       WHERE position <= (SELECT min(position) FROM audit_feed_readers) AND occurred_at < clock_timestamp() - make_interval(days => $1)`,
      [KEPT_DAYS],
    );
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { Happenings } from './happenings.service.js';
import { IssueRepository } from './storage/issue.repository.js';

const PAUSE_SECONDS = 30;
const WARNED_BEFORE_MS = 24 * 60 * 60 * 1000;
const AT_ONCE = 100;

/** Looks for open issues that are due within a day; of each due date it tells once, whichever instance looks first. */
@Injectable()
export class DueDates implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
    private readonly issues: IssueRepository,
    private readonly happenings: Happenings,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'due dates', async () => this.scan());
  }

  async scan(): Promise<void> {
    while ((await this.scanBatch()) === AT_ONCE);
  }

  private async scanBatch(): Promise<number> {
    return this.database.transaction(async () => {
      const now = await this.database.time();
      const due = await this.issues.takeDue(now, new Date(now.getTime() + WARNED_BEFORE_MS), AT_ONCE);
      for (const issue of due) await this.happenings.dueSoon(issue, issue.dueAt);
      return due.length;
    });
  }
}

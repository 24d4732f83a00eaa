import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { IssueTally, Milestone } from '../domain/milestone.js';
import type { State } from '../domain/workflow.js';

const COMPLETED: State = 'done';
const UNCOUNTED: State = 'cancelled';
const NO_ISSUES: IssueTally = { total: 0, completed: 0 };

interface TallyRow extends Record<string, unknown>, IssueTally {
  readonly id: number;
}

/** The issues of milestones, counted: of all those of a page in one statement. */
@Injectable()
export class MilestoneIssues {
  constructor(private readonly database: Database) {}

  async tally(milestones: readonly Milestone[]): Promise<(milestone: Milestone) => IssueTally> {
    const rows = await this.database.query<TallyRow>(
      `SELECT milestone_id AS id, count(*) AS total, count(*) FILTER (WHERE status = $2) AS completed
       FROM issues WHERE milestone_id = ANY ($1::bigint[]) AND status <> $3 GROUP BY milestone_id`,
      [milestones.map(({ id }) => id), COMPLETED, UNCOUNTED],
    );
    const tallies = new Map(rows.map(({ id, total, completed }) => [id, { total, completed }]));
    return ({ id }) => tallies.get(id) ?? NO_ISSUES;
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Count, Period } from '../domain/usage.js';

export interface Increment {
  readonly organizationId: number;
  readonly day: string;
  readonly metric: string;
  readonly quantity: number;
}

/** Requests by organization, day and kind of credential. What can be counted where it stands is counted there. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  /** One statement for all; no two of them may be of the same organization, day and metric. */
  async add(increments: readonly Increment[]): Promise<void> {
    await this.database.query(
      `INSERT INTO usage_counts (organization_id, day, metric, quantity)
       SELECT * FROM unnest($1::bigint[], $2::date[], $3::text[], $4::bigint[])
       ON CONFLICT (organization_id, day, metric) DO UPDATE SET quantity = usage_counts.quantity + excluded.quantity`,
      [
        increments.map(({ organizationId }) => organizationId),
        increments.map(({ day }) => day),
        increments.map(({ metric }) => metric),
        increments.map(({ quantity }) => quantity),
      ],
    );
  }

  async counts(organizationId: number, { firstDay, lastDay }: Period): Promise<Count[]> {
    return this.database.query<Count & Record<string, unknown>>(
      `SELECT metric, to_char(day, 'YYYY-MM-DD') AS day, quantity FROM usage_counts WHERE organization_id = $1 AND day BETWEEN $2::date AND $3::date
       UNION ALL ${createdByDay('issues')}
       UNION ALL ${createdByDay('comments')}`,
      [organizationId, firstDay, lastDay],
    );
  }
}

function createdByDay(table: 'issues' | 'comments'): string {
  return `SELECT '${table}', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) FROM ${table}
    WHERE organization_id = $1 AND created_at >= $2::date::timestamp AT TIME ZONE 'UTC' AND created_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 2`;
}

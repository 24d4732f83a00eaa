import { Injectable } from '@nestjs/common';
import { Database, TenantRepository } from '#database';
import type { SubscriptionRow } from '#access';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionSchema } from './subscription.schema.js';

export interface JudgeableRow extends SubscriptionRow {
  readonly database_time: Date;
}

@Injectable()
export class SubscriptionRepository extends TenantRepository<Subscription> {
  constructor(database: Database) {
    super(database, SubscriptionSchema);
  }

  /** An organization's subscription with its plan, read in one statement and judged by the database's time. */
  async judgeable(organizationId: number, { lock = false } = {}): Promise<JudgeableRow> {
    const [row] = await this.database.query<JudgeableRow & Record<string, unknown>>(
      `SELECT s.id, s.plan_tier, s.status, s.trial_ends_at, s.current_period_start, s.current_period_end, s.canceled_at,
              p.plans->s.plan_tier AS plan, clock_timestamp() AS database_time
       FROM subscriptions s JOIN products p ON p.id = s.product_id
       WHERE s.organization_id = $1 ${lock ? 'FOR SHARE OF s' : ''}`,
      [organizationId],
    );
    if (row === undefined) throw new Error(`organization ${organizationId} has no subscription`);
    return row;
  }
}

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
              s.past_due_since, p.grace_days, s.stripe_subscription_id IS NOT NULL AS at_stripe,
              p.plans->s.plan_tier AS plan, clock_timestamp() AS database_time
       FROM subscriptions s JOIN products p ON p.id = s.product_id
       WHERE s.organization_id = $1 ${lock ? 'FOR SHARE OF s' : ''}`,
      [organizationId],
    );
    if (row === undefined) throw new Error(`organization ${organizationId} has no subscription`);
    return row;
  }

  async of(organizationId: number): Promise<Subscription> {
    return this.rows.findOneByOrFail({ organizationId });
  }

  /** Held until the transaction ends; whoever is issuing something under it finishes first. */
  async locked(organizationId: number): Promise<Subscription | null> {
    return this.rows.findOne({ where: { organizationId }, lock: { mode: 'pessimistic_write' } });
  }

  async save(subscription: Subscription): Promise<void> {
    await this.rows.save(subscription);
  }

  /** The organization whose customer this is; where several share one, that of the subscription, else nobody's. */
  async organizationOfCustomer(customerId: string, subscriptionId: string | null): Promise<number | null> {
    const rows = await this.database.query<{ organization_id: number; counts: boolean | null }>(
      'SELECT organization_id, stripe_subscription_id = $2 AS counts FROM subscriptions WHERE stripe_customer_id = $1',
      [customerId, subscriptionId],
    );
    const row = rows.length === 1 ? rows[0] : rows.find(({ counts }) => counts === true);
    return row?.organization_id ?? null;
  }

  /** The product of an organization; null where there is none. */
  async productOf(organizationId: number): Promise<number | null> {
    const [row] = await this.database.query<{ product_id: number }>('SELECT product_id FROM subscriptions WHERE organization_id = $1', [organizationId]);
    return row?.product_id ?? null;
  }

  /** Keeps the customer that was made for it in place of another, or of none; of two that were made at once, the first one stays. */
  async keepCustomer(organizationId: number, customerId: string, insteadOf: string | null): Promise<string> {
    const [row] = await this.database.query<{ stripe_customer_id: string }>(
      `UPDATE subscriptions SET stripe_customer_id = CASE WHEN stripe_customer_id IS NOT DISTINCT FROM $3 THEN $2 ELSE stripe_customer_id END
       WHERE organization_id = $1 RETURNING stripe_customer_id`,
      [organizationId, customerId, insteadOf],
    );
    return row?.stripe_customer_id ?? customerId;
  }

  /** Whether it is this one's turn to ask Stripe: once in so long, whichever instance comes first. */
  async claimQuestion(organizationId: number, notSince: Date, now: Date): Promise<boolean> {
    const claimed = await this.database.query(
      `UPDATE subscriptions SET asked_at = $3
       WHERE organization_id = $1 AND (stripe_subscription_id IS NOT NULL OR stripe_customer_id IS NOT NULL) AND (asked_at IS NULL OR asked_at <= $2)
       RETURNING id`,
      [organizationId, notSince, now],
    );
    return claimed.length > 0;
  }

  /** Organizations of whose subscription Stripe has long said nothing: for a day, or for hours after a period ended. Where it did not answer, an hour later again. */
  async silent(now: Date, most: number): Promise<number[]> {
    const rows = await this.database.query<{ organization_id: number }>(
      `SELECT organization_id FROM subscriptions
       WHERE stripe_subscription_id IS NOT NULL AND status IN ('active', 'trialing', 'past_due')
         AND ((told_at < $1::timestamptz - interval '1 day' AND coalesce(asked_at, '-infinity') < $1::timestamptz - interval '1 hour')
           OR (current_period_end < $1::timestamptz - interval '2 hours' AND greatest(told_at, asked_at) < $1::timestamptz - interval '2 hours'))
       ORDER BY greatest(told_at, asked_at) LIMIT $2`,
      [now, most],
    );
    return rows.map(({ organization_id }) => organization_id);
  }

  /** The next trial that ends before a moment and was not warned of yet; another instance's are passed over. */
  async lockEndingTrial(after: number, before: Date, now: Date): Promise<Subscription | null> {
    return this.rows
      .createQueryBuilder('s')
      .where(`s.status = 'trialing' AND s.id > :after AND s.trialEndsAt > :now AND s.trialEndsAt <= :before AND s.trialWarnedFor IS DISTINCT FROM s.trialEndsAt`, { after, before, now })
      .orderBy('s.id')
      .limit(1)
      .setLock('pessimistic_write')
      .setOnLocked('skip_locked')
      .getOne();
  }
}

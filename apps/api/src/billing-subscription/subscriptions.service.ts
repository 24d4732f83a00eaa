import { Injectable } from '@nestjs/common';
import type { Entitlement, Entitlements, SubscriptionRow } from '#access';
import { Clock } from '#clock';
import { Scopes } from '#domain';
import { Products } from '../products/index.js';
import { opensFeatures, statusAt, Subscription } from './domain/subscription.js';
import type { SubscriptionStatus } from './domain/subscription-status.js';
import { SubscriptionRepository } from './storage/subscription.repository.js';
import { LiveCheck } from './stripe/live-check.service.js';

/** What each organization's subscription opens, at this moment. */
@Injectable()
export class Subscriptions implements Entitlements {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly products: Products,
    private readonly liveCheck: LiveCheck,
    private readonly clock: Clock,
  ) {}

  async start(organizationId: number, productId: number): Promise<Entitlement> {
    const { trialDays, trialPlan } = await this.products.byId(productId);
    const facts = { organizationId, productId, planTier: trialPlan, trialDays };
    await this.subscriptions.add(Subscription.start(facts, this.clock.now()));
    return this.of(organizationId);
  }

  async of(organizationId: number): Promise<Entitlement> {
    const row = await this.subscriptions.judgeable(organizationId);
    return this.judge(row, this.clock.at(row.database_time));
  }

  async locked(organizationId: number): Promise<Entitlement> {
    const row = await this.subscriptions.judgeable(organizationId, { lock: true });
    return this.judge(row, this.clock.at(row.database_time));
  }

  async asked(organizationId: number): Promise<Entitlement> {
    await this.liveCheck.ask(organizationId);
    return this.of(organizationId);
  }

  judge(row: SubscriptionRow, now: Date): Entitlement {
    const judgeable = {
      status: row.status as SubscriptionStatus,
      trialEndsAt: row.trial_ends_at,
      pastDueSince: row.past_due_since,
      graceDays: row.grace_days,
      isAtStripe: row.at_stripe,
    };
    const active = opensFeatures(judgeable, now);
    return {
      subscription: {
        id: row.id,
        planTier: row.plan_tier,
        status: statusAt(judgeable, now),
        trialEndsAt: row.trial_ends_at,
        currentPeriodStart: row.current_period_start,
        currentPeriodEnd: row.current_period_end,
        canceledAt: row.canceled_at,
        active,
      },
      scopes: active ? Scopes.stored(row.plan?.scopes ?? []) : Scopes.none,
      maxUsers: row.plan?.limits.max_users ?? null,
    };
  }
}

import { Injectable } from '@nestjs/common';
import { Audit, type Reference } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { Products } from '../products/index.js';
import { BillingNotices } from './billing-notices.service.js';
import { graceEnd, type Subscription } from './domain/subscription.js';
import { SubscriptionRepository } from './storage/subscription.repository.js';

export interface ChangeCause {
  readonly actor: Reference;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Changes of subscriptions, whoever causes them: each leaves one event, and admins hear of a failed payment. */
@Injectable()
export class SubscriptionChanges {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionRepository,
    private readonly products: Products,
    private readonly notices: BillingNotices,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** One after another for one organization, and after whatever is just being issued under it. False where there is none. */
  async change(organizationId: number, decide: (subscription: Subscription) => void, cause: ChangeCause): Promise<boolean> {
    return this.database.transaction(async () => {
      const subscription = await this.subscriptions.locked(organizationId);
      if (subscription === null) return false;
      const before = seen(subscription);
      const wasDue = subscription.pastDueSince;
      decide(subscription);
      const after = seen(subscription);
      const changed = JSON.stringify(before) !== JSON.stringify(after);
      if (changed) subscription.updatedAt = this.clock.now();
      await this.subscriptions.save(subscription);
      if (!changed) return true;
      await this.audit.record({
        chain: { organizationId },
        actor: cause.actor,
        action: 'subscription.changed',
        target: { type: 'subscription', id: subscription.id },
        metadata: { ...cause.metadata, before, after },
      });
      if (wasDue === null && subscription.pastDueSince !== null) await this.tellOfFailure(subscription, subscription.pastDueSince);
      return true;
    });
  }

  private async tellOfFailure(subscription: Subscription, since: Date): Promise<void> {
    const { graceDays } = await this.products.byId(subscription.productId);
    await this.notices.paymentFailed(subscription, graceEnd(since, graceDays));
  }
}

/** What clients read of it. */
function seen({ planTier, status, trialEndsAt, currentPeriodStart, currentPeriodEnd, canceledAt }: Subscription) {
  return { plan_tier: planTier, status, trial_ends_at: trialEndsAt, current_period_start: currentPeriodStart, current_period_end: currentPeriodEnd, canceled_at: canceledAt };
}

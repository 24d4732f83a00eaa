const DAY_MS = 24 * 60 * 60 * 1000;

/** As Stripe names them. */
export type SubscriptionStatus = 'incomplete' | 'trialing' | 'active' | 'past_due' | 'canceled' | 'unpaid';

/** What an organization pays for, or tries. */
export class Subscription {
  readonly id!: number;
  readonly organizationId!: number;
  readonly productId!: number;
  readonly planTier!: string;
  readonly status!: SubscriptionStatus;
  readonly trialEndsAt!: Date | null;
  readonly currentPeriodStart!: Date | null;
  readonly currentPeriodEnd!: Date | null;
  readonly canceledAt!: Date | null;
  readonly createdAt!: Date;
  readonly updatedAt!: Date;

  /** A new organization tries its product; without a trial it has paid nothing yet. */
  static start(facts: { organizationId: number; productId: number; planTier: string; trialDays: number }, now: Date): Subscription {
    const { organizationId, productId, planTier, trialDays } = facts;
    return Object.assign(new Subscription(), {
      organizationId,
      productId,
      planTier,
      status: trialDays > 0 ? 'trialing' : 'incomplete',
      trialEndsAt: trialDays > 0 ? new Date(now.getTime() + trialDays * DAY_MS) : null,
      currentPeriodStart: null,
      currentPeriodEnd: null,
      canceledAt: null,
      createdAt: now,
      updatedAt: now,
    });
  }
}

/** The status now: a trial that is over without a payment is incomplete, whatever was written when it began. */
export function statusAt(status: SubscriptionStatus, trialEndsAt: Date | null, now: Date): SubscriptionStatus {
  const over = status === 'trialing' && trialEndsAt !== null && trialEndsAt <= now;
  return over ? 'incomplete' : status;
}

/** Whether the plan's features may be used. */
export function opensFeatures(status: SubscriptionStatus): boolean {
  switch (status) {
    case 'trialing':
    case 'active':
    case 'past_due':
      return true;
    case 'incomplete':
    case 'canceled':
    case 'unpaid':
      return false;
  }
}

import type { Scopes, SubscriptionSummary } from '#domain';

/** A subscription as its row says it, with what its plan holds. */
export interface SubscriptionRow {
  readonly id: number;
  readonly plan_tier: string;
  readonly status: string;
  readonly trial_ends_at: Date | null;
  readonly current_period_start: Date | null;
  readonly current_period_end: Date | null;
  readonly canceled_at: Date | null;
  /** Since when a payment is due; features stay on for `grace_days`. */
  readonly past_due_since: Date | null;
  readonly grace_days: number;
  /** Whether Stripe says how it goes on, and not the calendar alone. */
  readonly at_stripe: boolean;
  /** The plan as the product's file declares it; null where the product no longer knows it. */
  readonly plan: { readonly scopes: readonly string[]; readonly limits: { readonly max_users?: number } } | null;
}

export interface Entitlement {
  readonly subscription: SubscriptionSummary;
  /** The plan's scopes; none while the subscription is inactive. */
  readonly scopes: Scopes;
  /** Null: without limit. */
  readonly maxUsers: number | null;
}

/** What an organization's subscription opens; implemented by billing-subscription. */
export abstract class Entitlements {
  /** Starts the subscription of a new organization, in the transaction under way. */
  abstract start(organizationId: number, productId: number): Promise<Entitlement>;

  abstract of(organizationId: number): Promise<Entitlement>;

  /** The same, with the subscription locked until the transaction ends: nothing is issued after a cancel commits. */
  abstract locked(organizationId: number): Promise<Entitlement>;

  /** The same, after asking whoever knows the payments, where that may change an answer that refuses. */
  abstract asked(organizationId: number): Promise<Entitlement>;

  /** Judges a row that the caller has read already, at the database's time. */
  abstract judge(row: SubscriptionRow, now: Date): Entitlement;
}

/** The subscription as clients read it. */
export function subscriptionView(subscription: SubscriptionSummary) {
  return {
    id: subscription.id,
    plan_tier: subscription.planTier,
    status: subscription.status,
    trial_ends_at: subscription.trialEndsAt,
    current_period_start: subscription.currentPeriodStart,
    current_period_end: subscription.currentPeriodEnd,
    canceled_at: subscription.canceledAt,
    can_use_features: subscription.active,
  };
}

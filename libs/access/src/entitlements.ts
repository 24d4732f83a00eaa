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

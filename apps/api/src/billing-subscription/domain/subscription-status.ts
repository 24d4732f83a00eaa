export const SUBSCRIPTION_STATUSES = ['incomplete', 'trialing', 'active', 'past_due', 'canceled', 'unpaid'] as const;

/** As Stripe names them. */
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** Whether it is paid for, tried or about to be paid. */
export function isLiving(status: SubscriptionStatus): boolean {
  return status === 'active' || status === 'trialing' || status === 'past_due';
}

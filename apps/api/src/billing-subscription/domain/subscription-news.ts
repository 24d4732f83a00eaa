import { isLiving, type SubscriptionStatus } from './subscription-status.js';

/** What Stripe says of one of its subscriptions, at one moment. */
export interface SubscriptionNews {
  /** An event of its, or `asked`: the answer to a question of ours. */
  readonly kind: 'created' | 'updated' | 'deleted' | 'asked';
  /** By Stripe's clock, in whole seconds. */
  readonly at: Date;
  readonly subscriptionId: string;
  readonly startedAt: Date;
  readonly customerId: string;
  readonly status: SubscriptionStatus;
  /** Null: its price is none of the product's plans, so the plan stays. */
  readonly planTier: string | null;
  readonly trialEndsAt: Date | null;
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly canceledAt: Date | null;
}

/** What Stripe says of one invoice of a subscription. */
export interface PaymentNews {
  readonly at: Date;
  readonly subscriptionId: string;
  readonly isPaid: boolean;
  /** In the currency's smallest unit. */
  readonly amount: number;
}

interface Known {
  readonly status: SubscriptionStatus;
  readonly stripeSubscriptionId: string | null;
  readonly stripeSubscriptionCreatedAt: Date | null;
  readonly toldAt: Date | null;
}

/** Whether news counts beside what is known: events come twice, late and in any order. */
export function replaces(news: SubscriptionNews, known: Known): boolean {
  if (known.stripeSubscriptionId === null) return true;
  if (known.stripeSubscriptionId !== news.subscriptionId) return succeeds(news, known);
  if (known.status === 'canceled') return false;
  if (known.toldAt === null || news.at > known.toldAt) return true;
  // Stripe counts whole seconds: of one second, the end comes last, and the beginning first.
  return news.at.getTime() === known.toldAt.getTime() && news.kind !== 'created';
}

/** Whether it is of the very second that was heard of last: nobody but Stripe knows which of two changes in it came later. */
export function isTied(news: SubscriptionNews, known: Known): boolean {
  return news.kind === 'updated' && known.stripeSubscriptionId === news.subscriptionId && known.status !== 'canceled' && known.toldAt?.getTime() === news.at.getTime();
}

/**
 * Another subscription takes the place of one that it followed, or of one that is over; the end of another never does, nor what
 * was said of an older one before the one that counts was heard of last: it may be over as well.
 */
function succeeds({ kind, at, status, startedAt }: SubscriptionNews, known: Known): boolean {
  if (kind === 'deleted' || !isLiving(status)) return false;
  if (known.stripeSubscriptionCreatedAt === null || startedAt > known.stripeSubscriptionCreatedAt) return true;
  return !isLiving(known.status) && (known.toldAt === null || at >= known.toldAt);
}

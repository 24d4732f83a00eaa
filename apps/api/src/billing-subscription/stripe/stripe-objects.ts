import { z } from 'zod';
import type { Plan } from '../../products/index.js';
import type { PaymentNews, SubscriptionNews } from '../domain/subscription-news.js';
import type { SubscriptionStatus } from '../domain/subscription-status.js';

/** What is read of Stripe's objects: any version of its API that has these fields, at the one place or the other. */
/** Until the year 9999. */
const Seconds = z.number().int().nonnegative().max(253_402_300_799);
const Reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
const Metadata = z.record(z.string(), z.string()).nullish();

export const StripeSubscription = z.object({
  id: z.string(),
  created: Seconds,
  customer: Reference,
  status: z.string(),
  metadata: Metadata,
  trial_end: Seconds.nullish(),
  canceled_at: Seconds.nullish(),
  ended_at: Seconds.nullish(),
  current_period_start: Seconds.nullish(),
  current_period_end: Seconds.nullish(),
  items: z
    .object({ data: z.array(z.object({ price: z.object({ id: z.string() }).nullish(), current_period_start: Seconds.nullish(), current_period_end: Seconds.nullish() })) })
    .nullish(),
});
export type StripeSubscription = z.infer<typeof StripeSubscription>;

const SubscriptionDetails = z.object({ subscription: Reference.nullish(), metadata: Metadata }).nullish();

export const StripeInvoice = z.object({
  customer: Reference.nullish(),
  subscription: Reference.nullish(),
  amount_paid: z.number().nullish(),
  subscription_details: SubscriptionDetails,
  parent: z.object({ subscription_details: SubscriptionDetails }).nullish(),
});
export type StripeInvoice = z.infer<typeof StripeInvoice>;

export const StripeEvent = z.object({ id: z.string().regex(/^[\w-]{1,255}$/), type: z.string().max(255), created: Seconds, account: z.string().nullish(), data: z.object({ object: z.unknown() }) });
export type StripeEvent = z.infer<typeof StripeEvent>;

const OWN_STATUS: Readonly<Record<string, SubscriptionStatus>> = {
  incomplete: 'incomplete',
  incomplete_expired: 'incomplete',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  canceled: 'canceled',
  unpaid: 'unpaid',
  paused: 'unpaid',
};

/** Null for a status that is unknown to us: nothing is concluded from it. */
export function subscriptionNews(subscription: StripeSubscription, kind: SubscriptionNews['kind'], at: Date, plans: Readonly<Record<string, Plan>>): SubscriptionNews | null {
  const status = kind === 'deleted' ? 'canceled' : OWN_STATUS[subscription.status];
  if (status === undefined) return null;
  const [item] = subscription.items?.data ?? [];
  return {
    kind,
    at,
    status,
    subscriptionId: subscription.id,
    startedAt: new Date(subscription.created * 1000),
    customerId: subscription.customer,
    planTier: tierOf(item?.price?.id, plans),
    trialEndsAt: moment(subscription.trial_end),
    currentPeriodStart: moment(subscription.current_period_start ?? item?.current_period_start),
    currentPeriodEnd: moment(subscription.current_period_end ?? item?.current_period_end),
    canceledAt: moment(subscription.canceled_at ?? subscription.ended_at),
  };
}

/** Null for an invoice of no subscription. */
export function paymentNews(invoice: StripeInvoice, isPaid: boolean, at: Date): PaymentNews | null {
  const subscriptionId = subscriptionOf(invoice);
  return subscriptionId === null ? null : { at, subscriptionId, isPaid, amount: invoice.amount_paid ?? 0 };
}

/** The subscription that an invoice is of. */
export function subscriptionOf(invoice: StripeInvoice): string | null {
  return invoice.subscription ?? detailsOf(invoice)?.subscription ?? null;
}

/** The metadata of the subscription that an invoice is of. */
export function detailsOf({ parent, subscription_details: details }: StripeInvoice) {
  return parent?.subscription_details ?? details;
}

function tierOf(priceId: string | undefined, plans: Readonly<Record<string, Plan>>): string | null {
  if (priceId === undefined) return null;
  return Object.entries(plans).find(([, { stripe_price_id: known }]) => known === priceId)?.[0] ?? null;
}

function moment(seconds: number | null | undefined): Date | null {
  return seconds === null || seconds === undefined ? null : new Date(seconds * 1000);
}

import { replaces, type PaymentNews, type SubscriptionNews } from './subscription-news.js';
import { isLiving, type SubscriptionStatus } from './subscription-status.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** After a trial, Stripe takes its time to say whether the first payment went through. */
const STRIPE_DECIDES_MS = DAY_MS;

/** What an organization pays for, or tries. */
export class Subscription {
  readonly id!: number;
  readonly organizationId!: number;
  readonly productId!: number;
  planTier!: string;
  status!: SubscriptionStatus;
  trialEndsAt!: Date | null;
  currentPeriodStart!: Date | null;
  currentPeriodEnd!: Date | null;
  canceledAt!: Date | null;
  /** Since when a payment is due; null while none is. */
  pastDueSince!: Date | null;
  stripeCustomerId!: string | null;
  stripeSubscriptionId!: string | null;
  stripeSubscriptionCreatedAt!: Date | null;
  /** When Stripe said what stands here, by Stripe's clock. */
  toldAt!: Date | null;
  /** When a payment of it went through or failed, by the same clock. */
  paymentToldAt!: Date | null;
  /** When Stripe was asked last. */
  askedAt!: Date | null;
  /** The trial's end of which its admins were warned. */
  trialWarnedFor!: Date | null;
  readonly createdAt!: Date;
  updatedAt!: Date;

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
      pastDueSince: null,
      stripeCustomerId: null,
      stripeSubscriptionId: null,
      stripeSubscriptionCreatedAt: null,
      toldAt: null,
      paymentToldAt: null,
      askedAt: null,
      trialWarnedFor: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  /** Whether Stripe collects for it now: a second one beside it would be paid twice. */
  get isPaidAtStripe(): boolean {
    return this.stripeSubscriptionId !== null && (isLiving(this.status) || this.status === 'unpaid');
  }

  /**
   * Takes over what Stripe says of a subscription. What is older than what is known, or of another subscription than the one
   * that counts, changes nothing; what has ended stays ended. A payment that was heard of since says how it stands, but knows
   * neither plan nor period.
   */
  hear(news: SubscriptionNews): void {
    if (!replaces(news, this)) return;
    if (this.stripeSubscriptionId !== news.subscriptionId) this.paymentToldAt = null;
    const isOvertaken = this.paymentToldAt !== null && this.paymentToldAt > news.at && news.status !== 'canceled';
    this.stripeSubscriptionId = news.subscriptionId;
    this.stripeSubscriptionCreatedAt = news.startedAt;
    this.stripeCustomerId = news.customerId;
    this.planTier = news.planTier ?? this.planTier;
    this.trialEndsAt = news.trialEndsAt;
    this.currentPeriodStart = news.currentPeriodStart;
    this.currentPeriodEnd = news.currentPeriodEnd;
    this.canceledAt = news.canceledAt;
    if (!isOvertaken) this.enter(news.status, news.at);
    this.toldAt = news.at;
  }

  /** A payment that went through, or did not: it is heard of beside the subscription's own events, in any order. */
  hearPayment({ subscriptionId, at, isPaid, amount }: PaymentNews): void {
    if (this.stripeSubscriptionId !== null && this.stripeSubscriptionId !== subscriptionId) return;
    if ([this.toldAt, this.paymentToldAt].some((told) => told !== null && at < told)) return;
    const { status } = this;
    // The first invoice of a trial is paid with nothing.
    const becomesActive = isPaid && (['past_due', 'unpaid', 'incomplete'].includes(status) || (status === 'trialing' && amount > 0));
    if (becomesActive) this.enter('active', at);
    if (!isPaid && (status === 'active' || status === 'trialing')) this.enter('past_due', at);
    this.paymentToldAt = at;
  }

  /** By the operator, where Stripe does not say it. A trial begins now. */
  set(status: SubscriptionStatus, planTier: string, trialDays: number, now: Date): void {
    this.planTier = planTier;
    this.enter(status, now);
    if (status === 'trialing') this.trialEndsAt = new Date(now.getTime() + trialDays * DAY_MS);
    this.canceledAt = status === 'canceled' ? now : null;
  }

  /** The trial's end, once, if its admins are to be warned of it now. */
  takeTrialWarning(): Date | null {
    const { trialEndsAt } = this;
    if (this.status !== 'trialing' || trialEndsAt === null || trialEndsAt.getTime() === this.trialWarnedFor?.getTime()) return null;
    this.trialWarnedFor = trialEndsAt;
    return trialEndsAt;
  }

  private enter(status: SubscriptionStatus, at: Date): void {
    this.status = status;
    // The grace does not begin anew with every further word of the same failure.
    this.pastDueSince = status === 'past_due' ? (this.pastDueSince ?? at) : null;
    if (status === 'canceled') this.canceledAt ??= at;
  }
}

/** What decides whether a subscription opens anything at a moment. */
export interface Judgeable {
  readonly status: SubscriptionStatus;
  readonly trialEndsAt: Date | null;
  readonly pastDueSince: Date | null;
  readonly graceDays: number;
  readonly isAtStripe: boolean;
}

/** The status now: a trial that is over without a payment is incomplete, whatever was written when it began. */
export function statusAt({ status, trialEndsAt, isAtStripe }: Judgeable, now: Date): SubscriptionStatus {
  if (status !== 'trialing' || trialEndsAt === null) return status;
  const decided = trialEndsAt.getTime() + (isAtStripe ? STRIPE_DECIDES_MS : 0);
  return decided <= now.getTime() ? 'incomplete' : status;
}

/** Whether the plan's features may be used: while it is paid or tried, and for some days after a payment failed. */
export function opensFeatures(subscription: Judgeable, now: Date): boolean {
  switch (statusAt(subscription, now)) {
    case 'trialing':
    case 'active':
      return true;
    case 'past_due':
      return subscription.pastDueSince === null || now < graceEnd(subscription.pastDueSince, subscription.graceDays);
    case 'incomplete':
    case 'canceled':
    case 'unpaid':
      return false;
  }
}

/** Until when features stay on after a payment failed. */
export function graceEnd(pastDueSince: Date, graceDays: number): Date {
  return new Date(pastDueSince.getTime() + graceDays * DAY_MS);
}

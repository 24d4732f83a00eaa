import { Injectable, Logger } from '@nestjs/common';
import { Database } from '#database';
import { Products } from '../../products/index.js';
import type { Subscription } from '../domain/subscription.js';
import { SubscriptionRepository } from '../storage/subscription.repository.js';
import { SubscriptionChanges } from '../subscription-changes.service.js';
import { type Answer, StripeApi } from './stripe-api.service.js';
import { type StripeSubscription, subscriptionNews } from './stripe-objects.js';

/** An answer of Stripe's counts so long, for all instances. */
const ANSWER_COUNTS_MS = 60_000;

/** Asks Stripe how a subscription stands, for events that were lost on their way. */
@Injectable()
export class LiveCheck {
  private readonly logger = new Logger(LiveCheck.name);
  /** Those who come together wait for one answer. */
  private readonly underWay = new Map<number, Promise<void>>();

  constructor(
    private readonly stripe: StripeApi,
    private readonly database: Database,
    private readonly subscriptions: SubscriptionRepository,
    private readonly changes: SubscriptionChanges,
    private readonly products: Products,
  ) {}

  /** At most once a minute for one organization, and for a few seconds; where Stripe does not answer, what is known stands. */
  async ask(organizationId: number): Promise<void> {
    const known = this.underWay.get(organizationId);
    if (known !== undefined) return known;
    const question = this.question(organizationId).finally(() => this.underWay.delete(organizationId));
    this.underWay.set(organizationId, question);
    return question;
  }

  /** Asks now, whatever was answered a moment ago: two changes of one second were heard of, and Stripe alone knows the later one. @throws unavailable */
  async settle(organizationId: number): Promise<void> {
    if (this.stripe.isConfigured) await this.takeOver(organizationId);
  }

  private async question(organizationId: number): Promise<void> {
    if (!this.stripe.isConfigured) return;
    const now = await this.database.time();
    if (!(await this.subscriptions.claimQuestion(organizationId, new Date(now.getTime() - ANSWER_COUNTS_MS), now))) return;
    try {
      await this.takeOver(organizationId);
    } catch (error) {
      this.logger.warn({ msg: 'Stripe could not be asked how a subscription stands', organization: organizationId, reason: String(error) });
    }
  }

  private async takeOver(organizationId: number): Promise<void> {
    const subscription = await this.subscriptions.of(organizationId);
    const { slug, plans, stripeAccount } = await this.products.byId(subscription.productId);
    for (const { subscription: found, at } of await this.found(subscription, stripeAccount)) {
      if (!isOf(found, organizationId, slug)) continue;
      const news = subscriptionNews(found, 'asked', at, plans);
      if (news === null) continue;
      await this.changes.change(organizationId, (current) => current.hear(news), { actor: { type: 'stripe', id: null }, metadata: { asked: true, stripe_subscription: found.id } });
    }
  }

  /** The one that counts; and, where that one opens nothing, those of the customer, the oldest first. */
  private async found({ stripeSubscriptionId, stripeCustomerId }: Subscription, account: string | null): Promise<Answer[]> {
    const own = stripeSubscriptionId === null ? null : await this.stripe.subscription(stripeSubscriptionId, account);
    if (own !== null && ['active', 'trialing', 'past_due'].includes(own.subscription.status)) return [own];
    const others = stripeCustomerId === null ? [] : (await this.stripe.subscriptionsOf(stripeCustomerId, account)).filter(({ subscription: { id } }) => id !== stripeSubscriptionId);
    return [...(own === null ? [] : [own]), ...others.reverse()];
  }
}

/** A customer may pay for several organizations: what was set at checkout says for which. */
function isOf({ metadata }: StripeSubscription, organizationId: number, productSlug: string): boolean {
  const { organization_id: named, product } = metadata ?? {};
  return named === undefined || product === undefined || (named === String(organizationId) && product === productSlug);
}

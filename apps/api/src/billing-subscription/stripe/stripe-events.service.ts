import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { Jobs } from '#jobs';
import { type Product, Products } from '../../products/index.js';
import { isTied } from '../domain/subscription-news.js';
import type { Subscription } from '../domain/subscription.js';
import { StripeEventRepository } from '../storage/stripe-event.repository.js';
import { SubscriptionRepository } from '../storage/subscription.repository.js';
import { type ChangeCause, SubscriptionChanges } from '../subscription-changes.service.js';
import { LiveCheck } from './live-check.service.js';
import { STRIPE_EVENTS, STRIPE_QUESTIONS } from './stripe-events.queue.js';
import { detailsOf, paymentNews, type StripeEvent, StripeInvoice, StripeSubscription, subscriptionNews, subscriptionOf } from './stripe-objects.js';

/** Whom an event concerns, as it says itself. */
interface Concerned {
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly customer?: string | null | undefined;
  readonly subscriptionId: string | null;
}

interface Found {
  readonly organizationId: number;
  readonly product: Product;
}

/** Hears what an event says; true where its order among those of the same second is unknown. */
type Hearing = (subscription: Subscription) => boolean;

/** So that both events of one second are heard before Stripe is asked which was the later one. */
const QUESTION_AFTER_SECONDS = 2;

/** Does what Stripe's events ask for. Done twice, an event changes nothing the second time. */
@Injectable()
export class StripeEvents implements OnModuleInit {
  private readonly logger = new Logger(StripeEvents.name);

  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
    private readonly subscriptions: SubscriptionRepository,
    private readonly changes: SubscriptionChanges,
    private readonly products: Products,
    private readonly liveCheck: LiveCheck,
    private readonly events: StripeEventRepository,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(STRIPE_EVENTS, async (event) => this.hear(event));
    this.jobs.handle(STRIPE_QUESTIONS, async ({ organizationId }) => this.liveCheck.settle(organizationId));
  }

  private async hear(event: StripeEvent): Promise<void> {
    if (event.type.startsWith('invoice.')) {
      const invoice = StripeInvoice.parse(event.data.object);
      await this.apply(event, { metadata: detailsOf(invoice)?.metadata, customer: invoice.customer, subscriptionId: subscriptionOf(invoice) }, () => {
        const news = paymentNews(invoice, event.type === 'invoice.paid', momentOf(event));
        if (news === null) return null;
        return (subscription) => {
          subscription.hearPayment(news);
          return false;
        };
      });
      return;
    }
    const object = StripeSubscription.parse(event.data.object);
    await this.apply(event, { ...object, subscriptionId: object.id }, ({ plans }) => {
      const news = subscriptionNews(object, kindOf(event), momentOf(event), plans);
      if (news === null) return null;
      return (subscription) => {
        const tied = isTied(news, subscription);
        subscription.hear(news);
        return tied;
      };
    });
  }

  private async apply(event: StripeEvent, concerned: Concerned, decision: (product: Product) => Hearing | null): Promise<void> {
    const found = await this.find(concerned);
    if (found === null) return this.logger.warn({ msg: 'an event of Stripe concerns nobody here', event: event.id, type: event.type });
    const { organizationId, product } = found;
    if ((event.account ?? null) !== product.stripeAccount) return this.refuse(event, organizationId);
    const hear = decision(product);
    if (hear === null) return;
    await this.database.transaction(async () => {
      let isTied = false as boolean;
      const cause: ChangeCause = { actor: { type: 'stripe', id: null }, metadata: { event: event.id, type: event.type } };
      await this.changes.change(organizationId, (subscription) => void (isTied = hear(subscription)), cause);
      if (isTied) await this.jobs.enqueue(STRIPE_QUESTIONS, { organizationId }, { key: String(organizationId), startAfterSeconds: QUESTION_AFTER_SECONDS });
    });
  }

  /** By what was set at checkout, else by the customer that was kept. */
  private async find({ metadata, customer, subscriptionId }: Concerned): Promise<Found | null> {
    const named = metadata?.['organization_id'];
    if (named !== undefined && metadata?.['product'] !== undefined) {
      const organizationId = /^[1-9]\d{0,14}$/.test(named) ? Number(named) : 0;
      const productId = await this.subscriptions.productOf(organizationId);
      const product = productId === null ? null : await this.products.byId(productId);
      return product?.slug === metadata['product'] ? { organizationId, product } : null;
    }
    const organizationId = typeof customer === 'string' ? await this.subscriptions.organizationOfCustomer(customer, subscriptionId) : null;
    const productId = organizationId === null ? null : await this.subscriptions.productOf(organizationId);
    return organizationId === null || productId === null ? null : { organizationId, product: await this.products.byId(productId) };
  }

  /** Whoever keeps an account of their own could name anybody's organization. */
  private async refuse(event: StripeEvent, organizationId: number): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.events.ignore(event.id, this.clock.now()))) return;
      await this.audit.record({
        chain: { organizationId },
        actor: { type: 'stripe', id: event.account ?? null },
        action: 'stripe_event.ignored',
        target: { type: 'organization', id: organizationId },
        metadata: { event: event.id, type: event.type, reason: 'another_account' },
      });
    });
  }
}

function momentOf({ created }: StripeEvent): Date {
  return new Date(created * 1000);
}

function kindOf({ type }: StripeEvent): 'created' | 'updated' | 'deleted' {
  const kind = type.slice('customer.subscription.'.length);
  return kind === 'created' || kind === 'deleted' ? kind : 'updated';
}

import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { Clock } from '#clock';
import { Config } from '#config';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import { StripeEvent, StripeSubscription } from './stripe-objects.js';

const TIMEOUT_MS = 10_000;
const RETRIES = 1;
/** A question on which somebody waits who would be refused otherwise. */
const QUESTION_TIMEOUT_MS = 3_000;
/** Stripe's own tolerance is 300 seconds, and takes what is exactly as old. */
const TOLERANCE_SECONDS = 299;

/** How a subscription stands, and when Stripe said so, by its own clock: ours may be hours ahead of it. */
export interface Answer {
  readonly subscription: StripeSubscription;
  readonly at: Date;
}

/** Whose account at Stripe is meant: a connected one, or null for the platform's own. */
export type StripeAccount = string | null;

/** Stripe, by its own client. Where it does not answer, that is an outage and nobody's fault. */
@Injectable()
export class StripeApi {
  private readonly logger = new Logger(StripeApi.name);
  private readonly stripe: Stripe | null;
  private readonly webhookSecrets: readonly string[];

  constructor(
    { stripe: { secretKey, webhookSecrets, apiBase } }: Config,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
  ) {
    const { protocol, hostname, port } = new URL(apiBase);
    const plain = protocol === 'http:';
    const address = { host: hostname, port: port === '' ? (plain ? 80 : 443) : Number(port), protocol: plain ? ('http' as const) : ('https' as const) };
    this.stripe = secretKey === undefined ? null : new Stripe(secretKey, { ...address, timeout: TIMEOUT_MS, maxNetworkRetries: RETRIES, telemetry: false });
    this.webhookSecrets = webhookSecrets;
  }

  get isConfigured(): boolean {
    return this.stripe !== null;
  }

  get hearsEvents(): boolean {
    return this.webhookSecrets.length > 0;
  }

  /** @throws invalid_signature for what Stripe did not sign within the last 300 seconds; malformed_request for what is no event */
  verified(body: Buffer, signature: string | undefined): StripeEvent {
    for (const secret of this.webhookSecrets) {
      let signed: unknown;
      try {
        signed = Stripe.webhooks.constructEvent(body, signature ?? '', secret, TOLERANCE_SECONDS, undefined, this.clock.now().getTime());
      } catch {
        continue;
      }
      const event = StripeEvent.safeParse(signed);
      if (!event.success) throw new DomainError('malformed_request', { cause: event.error });
      return event.data;
    }
    throw new DomainError('invalid_signature');
  }

  async newCustomer(facts: NewCustomer, account: StripeAccount): Promise<string> {
    const { organizationId, name, email, productSlug, locale, insteadOf } = facts;
    const same = this.secrets.digest(JSON.stringify([name, email, locale, insteadOf])).toString('hex');
    const { id } = await this.call((stripe) =>
      stripe.customers.create(
        { name, email, preferred_locales: [locale], metadata: { organization_id: String(organizationId), product: productSlug } },
        // Two at once make one customer; Stripe takes a key again for the very same request alone.
        { ...on(account), idempotencyKey: `kiket-customer-${productSlug}-${organizationId}-${same}` },
      ),
    );
    return id;
  }

  /** Null where there is no such customer any more. @throws unavailable */
  async checkout(params: Stripe.Checkout.SessionCreateParams & { customer: string }, account: StripeAccount): Promise<{ id: string; url: string } | null> {
    const session = await this.call((stripe) => stripe.checkout.sessions.create(params, on(account)), 'customer');
    if (session === null) return null;
    const { id, url } = session;
    if (url === null) throw new DomainError('unavailable', { cause: 'Stripe gave no address for the checkout' });
    return { id, url };
  }

  /** Null where there is no such customer any more. @throws unavailable */
  async portal(params: Stripe.BillingPortal.SessionCreateParams & { customer: string }, account: StripeAccount): Promise<string | null> {
    const session = await this.call((stripe) => stripe.billingPortal.sessions.create(params, on(account)), 'customer');
    return session?.url ?? null;
  }

  /** Null where Stripe knows none of this id. @throws unavailable */
  async subscription(id: string, account: StripeAccount): Promise<Answer | null> {
    const found = await this.call((stripe) => stripe.subscriptions.retrieve(id, {}, { ...on(account), ...QUESTION }), 'id');
    return found === null ? null : { subscription: StripeSubscription.parse(found), at: this.saidAt(found) };
  }

  /** Newest first; none of a customer who is no more. @throws unavailable */
  async subscriptionsOf(customer: string, account: StripeAccount): Promise<Answer[]> {
    const found = await this.call((stripe) => stripe.subscriptions.list({ customer, status: 'all', limit: 10 }, { ...on(account), ...QUESTION }), 'customer');
    if (found === null) return [];
    const at = this.saidAt(found);
    return found.data.map((subscription) => ({ subscription: StripeSubscription.parse(subscription), at })).sort((one, other) => other.subscription.created - one.subscription.created);
  }

  private saidAt({ lastResponse }: Stripe.Response<unknown>): Date {
    const at = new Date(lastResponse.headers['date'] ?? '');
    return Number.isNaN(at.getTime()) ? this.clock.now() : at;
  }

  private async call<T>(request: (stripe: Stripe) => Promise<T>): Promise<T>;
  private async call<T>(request: (stripe: Stripe) => Promise<T>, mayBeMissing: string): Promise<T | null>;
  /**
   * Null where what the named parameter means does not exist (any more).
   * @throws billing_not_configured, unavailable
   */
  private async call<T>(request: (stripe: Stripe) => Promise<T>, mayBeMissing?: string): Promise<T | null> {
    if (this.stripe === null) throw new DomainError('billing_not_configured');
    try {
      return await request(this.stripe);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing' && error.param === mayBeMissing) return null;
      this.logger.warn({ msg: 'Stripe refused or did not answer', reason: error instanceof Stripe.errors.StripeError ? `${error.type} ${error.code ?? ''}` : String(error) });
      throw new DomainError('unavailable', { cause: error });
    }
  }
}

interface NewCustomer {
  readonly organizationId: number;
  readonly name: string;
  readonly email: string;
  readonly productSlug: string;
  readonly locale: string;
  /** The one that is no more: Stripe would give it back to whoever asks again with the same key. */
  readonly insteadOf: string | null;
}

const QUESTION = { timeout: QUESTION_TIMEOUT_MS, maxNetworkRetries: 0 };

function on(account: StripeAccount): { stripeAccount?: string } {
  return account === null ? {} : { stripeAccount: account };
}

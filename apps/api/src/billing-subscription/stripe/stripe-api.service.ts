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

  async newCustomer(facts: { organizationId: number; name: string; email: string; productSlug: string; locale: string }, account: StripeAccount): Promise<string> {
    const { organizationId, name, email, productSlug, locale } = facts;
    const { id } = await this.call((stripe) =>
      stripe.customers.create(
        { name, email, preferred_locales: [locale], metadata: { organization_id: String(organizationId), product: productSlug } },
        // Two at once make one customer; Stripe takes a key again for the very same request alone.
        { ...on(account), idempotencyKey: `kiket-customer-${productSlug}-${organizationId}-${this.secrets.digest(JSON.stringify([name, email, locale])).toString('hex')}` },
      ),
    );
    return id;
  }

  async checkout(params: Stripe.Checkout.SessionCreateParams, account: StripeAccount): Promise<{ id: string; url: string }> {
    const { id, url } = await this.call((stripe) => stripe.checkout.sessions.create(params, on(account)));
    if (url === null) throw new DomainError('unavailable', { cause: 'Stripe gave no address for the checkout' });
    return { id, url };
  }

  async portal(params: Stripe.BillingPortal.SessionCreateParams, account: StripeAccount): Promise<string> {
    return (await this.call((stripe) => stripe.billingPortal.sessions.create(params, on(account)))).url;
  }

  /** @throws unavailable */
  async subscription(id: string, account: StripeAccount): Promise<StripeSubscription> {
    return StripeSubscription.parse(await this.call((stripe) => stripe.subscriptions.retrieve(id, {}, { ...on(account), ...QUESTION })));
  }

  /** Newest first. @throws unavailable */
  async subscriptionsOf(customer: string, account: StripeAccount): Promise<StripeSubscription[]> {
    const found = await this.call((stripe) => stripe.subscriptions.list({ customer, status: 'all', limit: 10 }, { ...on(account), ...QUESTION }));
    return found.data.map((subscription) => StripeSubscription.parse(subscription)).sort((one, other) => other.created - one.created);
  }

  /** @throws billing_not_configured, unavailable */
  private async call<T>(request: (stripe: Stripe) => Promise<T>): Promise<T> {
    if (this.stripe === null) throw new DomainError('billing_not_configured');
    try {
      return await request(this.stripe);
    } catch (error) {
      this.logger.warn({ msg: 'Stripe refused or did not answer', reason: error instanceof Stripe.errors.StripeError ? `${error.type} ${error.code ?? ''}` : String(error) });
      throw new DomainError('unavailable', { cause: error });
    }
  }
}

const QUESTION = { timeout: QUESTION_TIMEOUT_MS, maxNetworkRetries: 0 };

function on(account: StripeAccount): { stripeAccount?: string } {
  return account === null ? {} : { stripeAccount: account };
}

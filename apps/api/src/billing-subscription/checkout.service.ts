import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Config } from '#config';
import { DomainError, invalid, plainOrigin, type Principal } from '#domain';
import { type Product, Products } from '../products/index.js';
import type { Subscription } from './domain/subscription.js';
import { SubscriptionRepository } from './storage/subscription.repository.js';
import { StripeApi } from './stripe/stripe-api.service.js';

/** Stripe takes no trial that ends sooner; an hour for whoever takes their time at the checkout. */
const SHORTEST_TRIAL_MS = 49 * 60 * 60 * 1000;

export interface CheckoutRequest {
  readonly planTier: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** Where a customer pays, and where they look after what they pay: pages of Stripe's, on the product's account. */
@Injectable()
export class Checkout {
  constructor(
    private readonly stripe: StripeApi,
    private readonly subscriptions: SubscriptionRepository,
    private readonly products: Products,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * A page where the plan is bought; what is left of a trial is kept.
   * @throws validation_error for a plan that is not sold and a URL that leads elsewhere, conflict where something is being paid
   * already (the portal changes it), unavailable
   */
  async begin(buyer: Principal, { planTier, successUrl, cancelUrl }: CheckoutRequest): Promise<{ id: string; url: string }> {
    const product = await this.products.byId(buyer.product.id);
    this.mustLeadBack(product, { success_url: successUrl, cancel_url: cancelUrl });
    const plan = Object.hasOwn(product.plans, planTier) ? product.plans[planTier] : undefined;
    if (plan === undefined) throw invalid({ field: 'plan_tier', code: 'not_in_list' });
    if (plan.stripe_price_id === undefined) throw invalid({ field: 'plan_tier', code: 'invalid' });
    const subscription = await this.subscriptions.of(buyer.organization.id);
    if (subscription.isPaidAtStripe) throw new DomainError('conflict');
    const metadata = { organization_id: String(buyer.organization.id), product: product.slug, plan_tier: planTier };
    const trialEnd = this.trialLeft(subscription);
    const params = {
      mode: 'subscription' as const,
      client_reference_id: String(buyer.organization.id),
      line_items: [{ price: plan.stripe_price_id, quantity: 1 }],
      success_url: successUrl,
      cancel_url: cancelUrl,
      locale: buyer.locale,
      metadata,
      subscription_data: { metadata, ...(trialEnd !== null && { trial_end: trialEnd }) },
    };
    return this.asCustomer(buyer, product, subscription, async (customer) => this.stripe.checkout({ ...params, customer }, product.stripeAccount));
  }

  /** A page where cards, plans and invoices are looked after. @throws validation_error for a URL that leads elsewhere, unavailable */
  async portal(admin: Principal, returnUrl: string): Promise<string> {
    const product = await this.products.byId(admin.product.id);
    this.mustLeadBack(product, { return_url: returnUrl });
    const subscription = await this.subscriptions.of(admin.organization.id);
    const params = { return_url: returnUrl, locale: admin.locale };
    return this.asCustomer(admin, product, subscription, async (customer) => this.stripe.portal({ ...params, customer }, product.stripeAccount));
  }

  /** As the organization's customer at Stripe, made where there is none; one who was deleted there is replaced, once. */
  private async asCustomer<T>(principal: Principal, product: Product, { stripeCustomerId }: Subscription, open: (customer: string) => Promise<T | null>): Promise<T> {
    const known = stripeCustomerId ?? (await this.newCustomer(principal, product, null));
    const opened = (await open(known)) ?? (await open(await this.newCustomer(principal, product, known)));
    if (opened === null) throw new DomainError('unavailable', { cause: 'Stripe does not know the customer that it just made' });
    return opened;
  }

  private async newCustomer({ organization, email, locale }: Principal, product: Product, insteadOf: string | null): Promise<string> {
    const made = await this.stripe.newCustomer({ organizationId: organization.id, name: organization.name, email, productSlug: product.slug, locale, insteadOf }, product.stripeAccount);
    return this.subscriptions.keepCustomer(organization.id, made, insteadOf);
  }

  /** In Unix seconds; null where there is nothing left that Stripe would take. */
  private trialLeft({ status, trialEndsAt }: Subscription): number | null {
    if (status !== 'trialing' || trialEndsAt === null) return null;
    return trialEndsAt.getTime() - this.clock.now().getTime() < SHORTEST_TRIAL_MS ? null : Math.floor(trialEndsAt.getTime() / 1000);
  }

  private mustLeadBack(product: Product, urls: Readonly<Record<string, string>>): void {
    const origins = new Set([new URL(product.appAddress(this.config.publicUrl)).origin, ...product.allowedOrigins]);
    const faults = Object.entries(urls).filter(([, url]) => !origins.has(plainOrigin(url) ?? '')).map(([field]) => ({ field, code: 'invalid' as const }));
    if (faults.length > 0) throw invalid(...faults);
  }
}

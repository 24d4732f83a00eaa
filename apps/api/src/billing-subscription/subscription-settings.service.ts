import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { DomainError } from '#domain';
import { Products } from '../products/index.js';
import { Organizations } from '../workspace/index.js';
import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from './domain/subscription-status.js';
import { SubscriptionChanges } from './subscription-changes.service.js';

/** Subscriptions set by the operator's hand, where no payments are set up, or something went wrong with them. */
@Injectable()
export class SubscriptionSettings {
  constructor(
    private readonly products: Products,
    private readonly organizations: Organizations,
    private readonly changes: SubscriptionChanges,
    private readonly clock: Clock,
  ) {}

  /** What Stripe says later of the same subscription counts again. @throws not_found, conflict for a plan or status that there is not */
  async set(productSlug: string, slug: string, planTier: string, status: string): Promise<void> {
    const product = await this.products.bySlug(productSlug);
    if (product === null) throw new DomainError('not_found', { cause: `there is no product ${productSlug}` });
    const organization = await this.organizations.bySlug(product.id, slug);
    if (organization === null) throw new DomainError('not_found', { cause: `${productSlug} has no organization ${slug}` });
    const tiers = Object.keys(product.plans);
    if (!tiers.includes(planTier)) throw new DomainError('conflict', { cause: `the plans of ${productSlug} are ${tiers.join(', ')}` });
    if (!isStatus(status)) throw new DomainError('conflict', { cause: `a status is one of ${SUBSCRIPTION_STATUSES.join(', ')}` });
    const now = this.clock.now();
    await this.changes.change(organization.id, (subscription) => subscription.set(status, planTier, product.trialDays, now), {
      actor: { type: 'operator', id: null },
      metadata: {},
    });
  }
}

function isStatus(status: string): status is SubscriptionStatus {
  return (SUBSCRIPTION_STATUSES as readonly string[]).includes(status);
}

import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { Mailer } from '#mail';
import { Secrets } from '#secrets';
import { Products } from '../products/index.js';
import { Members, Organizations } from '../workspace/index.js';
import type { Subscription } from './domain/subscription.js';

/** Mails about a subscription to the organization's admins, each in their own language. In the transaction under way. */
@Injectable()
export class BillingNotices {
  constructor(
    private readonly members: Members,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  async trialEnding(subscription: Subscription, endsAt: Date): Promise<void> {
    await this.tell('trial_ending', subscription, endsAt);
  }

  async paymentFailed(subscription: Subscription, graceEndsAt: Date): Promise<void> {
    await this.tell('payment_failed', subscription, graceEndsAt);
  }

  private async tell(template: 'trial_ending' | 'payment_failed', { organizationId, productId }: Subscription, endsAt: Date): Promise<void> {
    const organization = await this.organizations.byId(organizationId);
    if (organization === null) return;
    const product = await this.products.byId(productId);
    for (const { name, email, locale } of await this.members.admins(organizationId)) {
      await this.mailer.deliver({
        id: this.secrets.randomId(),
        to: { name, email },
        locale,
        brand: this.products.brandOf(product),
        message: { template, name, organizationName: organization.name, endsAt: endsAt.toISOString(), link: product.appAddress(this.config.publicUrl) },
      });
    }
  }
}

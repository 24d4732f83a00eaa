import { type CanActivate, Injectable } from '@nestjs/common';
import { DomainError } from '#domain';
import { StripeApi } from '../stripe/stripe-api.service.js';

/** What needs Stripe says so before it looks at what was sent. */
@Injectable()
export class BillingConfigured implements CanActivate {
  constructor(private readonly stripe: StripeApi) {}

  canActivate(): boolean {
    if (!this.stripe.isConfigured) throw new DomainError('billing_not_configured');
    return true;
  }
}

import { Verbatim } from '#request';
import type { CheckoutRequest } from '../checkout.service.js';

const LONGEST_URL = 2_000;

export class CheckoutBody {
  @Verbatim({ max: 63, example: 'team' })
  plan_tier!: string;

  @Verbatim({ max: LONGEST_URL, example: 'https://app.spravce-gdpr.cz/billing/thanks' })
  success_url!: string;

  @Verbatim({ max: LONGEST_URL, example: 'https://app.spravce-gdpr.cz/billing' })
  cancel_url!: string;

  toDomain(): CheckoutRequest {
    return { planTier: this.plan_tier, successUrl: this.success_url, cancelUrl: this.cancel_url };
  }
}

export class PortalBody {
  @Verbatim({ max: LONGEST_URL, example: 'https://app.spravce-gdpr.cz/billing' })
  return_url!: string;
}

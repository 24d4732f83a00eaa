import type { Queue } from '#jobs';
import type { StripeEvent } from './stripe-objects.js';

/** Tried for some hours: after 5 s, 10 s, 20 s … and then every ten minutes. */
export const STRIPE_EVENTS: Queue<StripeEvent> = {
  name: 'stripe-events',
  retryLimit: 30,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 600,
  timeoutSeconds: 60,
};

import type { Queue } from '#jobs';
import type { StripeEvent } from './stripe-objects.js';

/** Tried for some hours: after 5 s, 10 s, 20 s … and then every ten minutes. */
const PATIENCE = { retryLimit: 30, retryDelaySeconds: 5, retryDelayMaxSeconds: 600, timeoutSeconds: 60 };

export const STRIPE_EVENTS: Queue<StripeEvent> = { name: 'stripe-events', ...PATIENCE };

/** How an organization's subscription stands, where its events do not say it: asked once for all that wait for the answer. */
export const STRIPE_QUESTIONS: Queue<{ readonly organizationId: number }> = { name: 'stripe-questions', onePerKey: true, ...PATIENCE };

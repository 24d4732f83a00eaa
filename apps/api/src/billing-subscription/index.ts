export { BillingSubscriptionModule } from './billing-subscription.module.js';
export { Reconciliation } from './stripe/reconciliation.service.js';
export { SubscriptionSettings } from './subscription-settings.service.js';
export { TrialWarnings } from './trial-warnings.service.js';

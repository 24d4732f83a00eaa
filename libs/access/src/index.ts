export { byDatabaseTime } from './by-database-time.js';
export { AccessModule } from './access.module.js';
export { type Authenticator, Authenticators } from './authenticator.js';
export { type Entitlement, Entitlements, type SubscriptionRow, subscriptionView } from './entitlements.js';
export { accountOfGuesser } from './rate-limit/account.js';
export { countedNetwork, homeNetwork } from './network.js';
export { DEFAULT_RATE_WINDOW_SECONDS, RATE_WINDOW_SECONDS, RateLimits } from './rate-limit/rate-limits.js';
export { Traffic, type TrafficReader, type Use } from './traffic.js';
export { CurrentBudget, CurrentPrincipal, CurrentProduct, NamedProduct, Public, Requires, WishedLocale } from './requires.js';

export { AccessModule } from './access.module.js';
export { type Authenticator, Authenticators } from './authenticator.js';
export { type Entitlement, Entitlements, type SubscriptionRow, subscriptionView } from './entitlements.js';
export { countedNetwork, homeNetwork } from './network.js';
export { Traffic, type TrafficReader, type Use } from './traffic.js';
export { CurrentPrincipal, CurrentProduct, NamedProduct, Public, Requires, WishedLocale } from './requires.js';

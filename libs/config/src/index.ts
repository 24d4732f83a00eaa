export { Config, type RateLimitSettings, type StripeSettings } from './config.js';
export { ConfigModule } from './config.module.js';
export { ConfigError, loadConfig } from './load-config.js';

import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from '#access';
import { AuditModule } from '#audit';
import { ClockModule } from '#clock';
import { type Config, ConfigModule } from '#config';
import { DatabaseModule } from '#database';
import { ErrorsModule } from '#errors';
import { JobsModule } from '#jobs';
import { JwtKeysModule } from '#jwt';
import { LocaleModule } from '#locale';
import { MailModule } from '#mail';
import { RedisModule } from '#redis';
import { SecretsModule } from '#secrets';
import { SignalsModule } from '#signals';
import { AuditTrailModule } from './audit-trail/audit-trail.module.js';
import { BillingSubscriptionModule } from './billing-subscription/index.js';
import { ExtensionsModule } from './extensions/extensions.module.js';
import { HeadlessAuthModule } from './headless-auth/headless-auth.module.js';
import { HealthModule } from './health/health.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { ProductsModule } from './products/products.module.js';
import { SecurityAlertsModule } from './security-alerts/security-alerts.module.js';
import { TokensModule } from './tokens/tokens.module.js';

const LIBS = [
  ClockModule, SecretsModule, LocaleModule, DatabaseModule, ErrorsModule, RedisModule, JobsModule, SignalsModule, MailModule, JwtKeysModule, AccessModule, AuditModule,
];

const CONTEXTS = [ProductsModule, BillingSubscriptionModule, HeadlessAuthModule, TokensModule, OAuthModule, ExtensionsModule, NotificationsModule, SecurityAlertsModule, AuditTrailModule, HealthModule];

@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return { module: AppModule, imports: [ConfigModule.with(config), ...LIBS, ...CONTEXTS] };
  }
}

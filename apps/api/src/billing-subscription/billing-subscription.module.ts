import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Entitlements } from '#access';
import { SubscriptionRepository } from './storage/subscription.repository.js';
import { SubscriptionSchema } from './storage/subscription.schema.js';
import { Subscriptions } from './subscriptions.service.js';

/** Global for its port alone: whoever issues a credential asks what the subscription opens. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([SubscriptionSchema])],
  providers: [Subscriptions, SubscriptionRepository, { provide: Entitlements, useExisting: Subscriptions }],
  exports: [Entitlements],
})
export class BillingSubscriptionModule {}

import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Entitlements } from '#access';
import { WorkspaceModule } from '../workspace/index.js';
import { BillingNotices } from './billing-notices.service.js';
import { Checkout } from './checkout.service.js';
import { BillingController } from './http/billing.controller.js';
import { WebhookController } from './http/webhook.controller.js';
import { StripeEventRepository } from './storage/stripe-event.repository.js';
import { SubscriptionRepository } from './storage/subscription.repository.js';
import { SubscriptionSchema } from './storage/subscription.schema.js';
import { LiveCheck } from './stripe/live-check.service.js';
import { Reconciliation } from './stripe/reconciliation.service.js';
import { StripeApi } from './stripe/stripe-api.service.js';
import { StripeEvents } from './stripe/stripe-events.service.js';
import { Webhook } from './stripe/webhook.service.js';
import { SubscriptionChanges } from './subscription-changes.service.js';
import { SubscriptionSettings } from './subscription-settings.service.js';
import { Subscriptions } from './subscriptions.service.js';
import { TrialWarnings } from './trial-warnings.service.js';

const SERVICES = [Subscriptions, SubscriptionChanges, SubscriptionSettings, BillingNotices, TrialWarnings, Checkout];
const STRIPE = [StripeApi, StripeEvents, Webhook, LiveCheck, Reconciliation];

/** Global for its port alone: whoever issues a credential asks what the subscription opens. */
@Global()
@Module({
  imports: [WorkspaceModule, TypeOrmModule.forFeature([SubscriptionSchema])],
  controllers: [BillingController, WebhookController],
  providers: [...SERVICES, ...STRIPE, SubscriptionRepository, StripeEventRepository, { provide: Entitlements, useExisting: Subscriptions }],
  exports: [Entitlements, SubscriptionSettings],
})
export class BillingSubscriptionModule {}

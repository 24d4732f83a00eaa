import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Subscription } from '../domain/subscription.js';

const moment = (name: string) => ({ type: 'timestamptz', name, nullable: true }) as const;

export const SubscriptionSchema = new EntitySchema<Subscription>({
  name: 'Subscription',
  tableName: 'subscriptions',
  target: Subscription,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    productId: reference('product_id'),
    planTier: { type: 'text', name: 'plan_tier' },
    status: { type: 'text' },
    trialEndsAt: moment('trial_ends_at'),
    currentPeriodStart: moment('current_period_start'),
    currentPeriodEnd: moment('current_period_end'),
    canceledAt: moment('canceled_at'),
    pastDueSince: moment('past_due_since'),
    stripeCustomerId: { type: 'text', name: 'stripe_customer_id', nullable: true },
    stripeSubscriptionId: { type: 'text', name: 'stripe_subscription_id', nullable: true },
    stripeSubscriptionCreatedAt: moment('stripe_subscription_created_at'),
    toldAt: moment('told_at'),
    paymentToldAt: moment('payment_told_at'),
    askedAt: moment('asked_at'),
    trialWarnedFor: moment('trial_warned_for'),
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

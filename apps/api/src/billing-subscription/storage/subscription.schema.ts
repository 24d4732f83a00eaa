import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Subscription } from '../domain/subscription.js';

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
    trialEndsAt: { type: 'timestamptz', name: 'trial_ends_at', nullable: true },
    currentPeriodStart: { type: 'timestamptz', name: 'current_period_start', nullable: true },
    currentPeriodEnd: { type: 'timestamptz', name: 'current_period_end', nullable: true },
    canceledAt: { type: 'timestamptz', name: 'canceled_at', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

import { EntitySchema } from 'typeorm';
import { ID } from '#database';
import { Product } from '../domain/product.js';

export const ProductSchema = new EntitySchema<Product>({
  name: 'Product',
  tableName: 'products',
  target: Product,
  columns: {
    id: ID,
    slug: { type: 'text' },
    name: { type: 'text' },
    active: { type: 'boolean' },
    defaultLocale: { type: 'text', name: 'default_locale' },
    allowedOrigins: { type: 'text', array: true, name: 'allowed_origins' },
    branding: { type: 'jsonb' },
    appUrl: { type: 'text', name: 'app_url' },
    resetUrl: { type: 'text', name: 'reset_url' },
    invitationUrl: { type: 'text', name: 'invitation_url' },
    trialDays: { type: 'integer', name: 'trial_days' },
    trialPlan: { type: 'text', name: 'trial_plan' },
    graceDays: { type: 'integer', name: 'grace_days' },
    stripeAccount: { type: 'text', name: 'stripe_account', nullable: true },
    plans: { type: 'jsonb' },
  },
});

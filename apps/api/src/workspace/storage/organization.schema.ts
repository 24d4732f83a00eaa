import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Organization } from '../domain/organization.js';

export const OrganizationSchema = new EntitySchema<Organization>({
  name: 'Organization',
  tableName: 'organizations',
  target: Organization,
  columns: {
    id: ID,
    productId: reference('product_id'),
    name: { type: 'text' },
    slug: { type: 'text' },
    founderId: reference('founder_id'),
    createdAt: { type: 'timestamptz', name: 'created_at' },
    suspendedAt: { type: 'timestamptz', name: 'suspended_at', nullable: true },
  },
});

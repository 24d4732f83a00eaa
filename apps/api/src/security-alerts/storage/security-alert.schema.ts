import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { SecurityAlert } from '../domain/security-alert.js';

export const SecurityAlertSchema = new EntitySchema<SecurityAlert>({
  name: 'SecurityAlert',
  tableName: 'security_alerts',
  target: SecurityAlert,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    type: { type: 'text' },
    severity: { type: 'text' },
    subjectType: { type: 'text', name: 'subject_type' },
    subjectId: reference('subject_id', { nullable: true }),
    subjectName: { type: 'text', name: 'subject_name' },
    tokenPrefix: { type: 'text', name: 'token_prefix', nullable: true },
    ip: { type: 'text', nullable: true },
    sourceUrl: { type: 'text', name: 'source_url', nullable: true },
    count: { type: 'integer' },
    firstSeenAt: { type: 'timestamptz', name: 'first_seen_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    acknowledgedAt: { type: 'timestamptz', name: 'acknowledged_at', nullable: true },
  },
});

import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Session } from '../domain/session.js';

export const SessionSchema = new EntitySchema<Session>({
  name: 'Session',
  tableName: 'sessions',
  target: Session,
  columns: {
    id: ID,
    userId: reference('user_id'),
    membershipId: reference('membership_id'),
    organizationId: reference('organization_id'),
    productId: reference('product_id'),
    ip: { type: 'text', nullable: true },
    userAgent: { type: 'text', name: 'user_agent', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastUsedAt: { type: 'timestamptz', name: 'last_used_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    refreshJti: { type: 'text', name: 'refresh_jti' },
    previousRefreshJti: { type: 'text', name: 'previous_refresh_jti', nullable: true },
    rotatedAt: { type: 'timestamptz', name: 'rotated_at', nullable: true },
    sealedSuccessor: { type: 'bytea', name: 'sealed_successor', nullable: true },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Scopes } from '#domain';
import { WorkspaceToken } from '../domain/workspace-token.js';

export const WorkspaceTokenSchema = new EntitySchema<WorkspaceToken>({
  name: 'WorkspaceToken',
  tableName: 'workspace_tokens',
  target: WorkspaceToken,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    membershipId: reference('membership_id'),
    name: { type: 'text' },
    fullAccess: { type: 'boolean', name: 'full_access' },
    scopes: { type: 'text', array: true, transformer: { to: (scopes: Scopes) => scopes.toJSON(), from: (names: string[]) => Scopes.stored(names) } },
    tokenPrefix: { type: 'text', name: 'token_prefix' },
    expiresAt: { type: 'timestamptz', name: 'expires_at', nullable: true },
    expiryWarnedDays: { type: 'integer', name: 'expiry_warned_days', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

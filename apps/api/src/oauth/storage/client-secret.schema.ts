import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { ClientSecret } from '../domain/client-secret.js';

export const ClientSecretSchema = new EntitySchema<ClientSecret>({
  name: 'ClientSecret',
  tableName: 'oauth_secrets',
  target: ClientSecret,
  columns: {
    id: ID,
    applicationId: reference('application_id'),
    digest: { type: 'bytea' },
    prefix: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastUsedAt: { type: 'timestamptz', name: 'last_used_at', nullable: true },
    expiresAt: { type: 'timestamptz', name: 'expires_at', nullable: true },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Scopes } from '#domain';
import { Application } from '../domain/application.js';

export const ApplicationSchema = new EntitySchema<Application>({
  name: 'Application',
  tableName: 'oauth_applications',
  target: Application,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    serviceUserId: reference('service_user_id'),
    name: { type: 'text' },
    clientId: { type: 'text', name: 'client_id' },
    scopes: { type: 'text', array: true, transformer: { to: (scopes: Scopes) => scopes.toJSON(), from: (names: string[]) => Scopes.stored(names) } },
    accessTokenTtl: { type: 'integer', name: 'access_token_ttl' },
    jwks: { type: 'jsonb', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    deletedAt: { type: 'timestamptz', name: 'deleted_at', nullable: true },
  },
});

import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { ID, reference } from '#database';
import { Scopes } from '#domain';
import { Installation } from '../domain/installation.js';

function permissions(name: string): EntitySchemaColumnOptions {
  return { type: 'text', array: true, name, transformer: { to: (scopes: Scopes) => scopes.toJSON(), from: (names: string[]) => Scopes.stored(names) } };
}

export const InstallationSchema = new EntitySchema<Installation>({
  name: 'Installation',
  tableName: 'extensions',
  target: Installation,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    projectId: reference('project_id'),
    serviceUserId: reference('service_user_id'),
    extensionId: { type: 'text', name: 'extension_id' },
    name: { type: 'text' },
    version: { type: 'text' },
    manifest: { type: 'jsonb' },
    permissions: permissions('permissions'),
    pendingPermissions: permissions('pending_permissions'),
    pendingManifest: { type: 'jsonb', name: 'pending_manifest', nullable: true },
    installedAt: { type: 'timestamptz', name: 'installed_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    uninstalledAt: { type: 'timestamptz', name: 'uninstalled_at', nullable: true },
  },
});

import type { GeneratedSecret } from '#secrets';
import type { ListedInstallation, RotatedKey } from '../installations.service.js';

export function extensionView({ installation, keys }: ListedInstallation) {
  const { id, extensionId, name, version, projectId, permissions, pendingPermissions, installedAt } = installation;
  const current = keys.find(({ ends_at }) => ends_at === null);
  const previous = keys.find(({ ends_at }) => ends_at !== null);
  return {
    id,
    extension_id: extensionId,
    name,
    version,
    project_id: projectId,
    permissions,
    pending_permissions: pendingPermissions,
    // An uninstalled one is not shown.
    status: 'active',
    api_key_prefix: current?.prefix ?? null,
    api_key_last_used_at: current?.last_used_at ?? null,
    // Until when the one before works, and whether anything still uses it.
    previous_api_key: previous === undefined ? null : { prefix: previous.prefix, last_used_at: previous.last_used_at, expires_at: previous.ends_at },
    health: { status: keys.some(({ last_used_at }) => last_used_at !== null) ? 'healthy' : 'unknown' },
    installed_at: installedAt,
  };
}

/** With its key, this once. */
export function installedView(installed: ListedInstallation & { key: GeneratedSecret }) {
  return { ...extensionView(installed), api_key: installed.key.plaintext };
}

/** The new key, this once. */
export function rotatedView({ key: { plaintext, prefix }, previousEndsAt }: RotatedKey) {
  return { api_key: plaintext, api_key_prefix: prefix, previous_key_expires_at: previousEndsAt };
}

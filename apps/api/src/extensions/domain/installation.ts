import { DomainError, invalid, Scopes } from '#domain';
import type { Manifest } from './manifest.js';

/** Which of the permissions that grew are accepted: all, or these. */
export type Consent = true | Scopes;

/** Somebody else's service, let into one project with the permissions that its manifest declares and an admin accepted. */
export class Installation {
  readonly id!: number;
  readonly organizationId!: number;
  readonly projectId!: number;
  /** Under whose name it writes. */
  readonly serviceUserId!: number;
  /** The manifest's own id, the same in every project. */
  readonly extensionId!: string;
  name!: string;
  version!: string;
  manifest!: Manifest['document'];
  permissions!: Scopes;
  /** What a newer manifest asks for beyond them; until somebody accepts it, it opens nothing. */
  pendingPermissions!: Scopes;
  /** The manifest that asks for it. */
  pendingManifest!: Manifest['document'] | null;
  readonly installedAt!: Date;
  updatedAt!: Date;
  uninstalledAt!: Date | null;

  static install(place: { organizationId: number; projectId: number; serviceUserId: number }, manifest: Manifest, now: Date): Installation {
    const { extensionId, name, version, permissions, document } = manifest;
    const facts = { extensionId, name, version, permissions, manifest: document };
    const open = { pendingPermissions: Scopes.none, pendingManifest: null, updatedAt: now, uninstalledAt: null };
    return Object.assign(new Installation(), { ...place, ...facts, ...open, installedAt: now });
  }

  /** What a manifest asks for that it does not have. @throws validation_error for another extension's manifest */
  growth({ extensionId, permissions }: Manifest): Scopes {
    if (extensionId !== this.extensionId) throw invalid({ field: 'manifest.extension.id', code: 'mismatch' });
    return permissions.without(this.permissions);
  }

  /** Takes over all of a manifest whose growth was accepted. */
  upgrade({ name, version, permissions, document }: Manifest, now: Date): void {
    Object.assign(this, { name, version, permissions, manifest: document, pendingPermissions: Scopes.none, pendingManifest: null, updatedAt: now });
  }

  /** What the manifest no longer asks for is gone at once; what it asks for beyond that waits. Everything else stays. */
  holdBack(manifest: Manifest, now: Date): void {
    this.pendingPermissions = this.growth(manifest);
    this.permissions = this.permissions.intersect(manifest.permissions);
    this.pendingManifest = manifest.document;
    this.updatedAt = now;
  }

  /** Nothing of it revives. */
  uninstall(now: Date): void {
    this.uninstalledAt ??= now;
    this.updatedAt = now;
  }
}

/** What of a growth nobody has accepted yet. */
export function unaccepted(growth: Scopes, consent: Consent | undefined): Scopes {
  if (consent === true) return Scopes.none;
  return growth.without(consent ?? Scopes.none);
}

/** @throws permissions_not_accepted, naming them */
export function refuseUnaccepted(missing: Scopes): never {
  throw new DomainError('permissions_not_accepted', { faults: missing.toJSON().map((scope) => ({ field: 'accept_permissions', code: 'not_accepted', params: { scope } })) });
}

import { Injectable } from '@nestjs/common';
import { Audit, type AuditAction } from '#audit';
import { Database } from '#database';
import { DomainError, Grant, invalid, type Principal, type Scopes } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { type GeneratedSecret, Secrets } from '#secrets';
import { Projects, Users } from '../workspace/index.js';
import { type Consent, Installation, refuseUnaccepted, unaccepted } from './domain/installation.js';
import { graceEnd } from './domain/extension-key.js';
import { type Manifest, readManifest } from './domain/manifest.js';
import { ExtensionKeyRepository, type ListedKey } from './storage/extension-key.repository.js';
import { ExtensionSecretRepository } from './storage/extension-secret.repository.js';
import { InstallationRepository, type InstallationRef } from './storage/installation.repository.js';

export type { InstallationRef };

export const KEY_SCHEME = 'ext_live_';

/** An installation with the keys that it has now. */
export interface ListedInstallation {
  readonly installation: Installation;
  readonly keys: readonly ListedKey[];
}

/** A key, told this once. */
export interface RotatedKey {
  readonly key: GeneratedSecret;
  /** When the one before stops to work. */
  readonly previousEndsAt: Date;
}

/** Extensions in the organization's projects, as its admins keep them. Letting one in is handing out all that its manifest asks for. */
@Injectable()
export class Installations {
  constructor(
    private readonly database: Database,
    private readonly installations: InstallationRepository,
    private readonly keys: ExtensionKeyRepository,
    private readonly stored: ExtensionSecretRepository,
    private readonly projects: Projects,
    private readonly users: Users,
    private readonly secrets: Secrets,
    private readonly audit: Audit,
  ) {}

  async list({ organization }: Principal, projectId: number | undefined, page: PageRequest): Promise<PageOf<ListedInstallation>> {
    const { rows, total } = await this.installations.list(organization.id, projectId, page);
    const keys = await this.keys.working(rows.map(({ id }) => id), await this.database.time());
    return { rows: rows.map((installation) => ({ installation, keys: keys.filter(({ installation_id: id }) => id === installation.id) })), total };
  }

  async show(caller: Principal, ref: InstallationRef): Promise<ListedInstallation> {
    return this.withKeys(await this.find(caller, ref));
  }

  /**
   * Which one is meant; an extension's own key reaches none but its own.
   * @throws not_found, validation_error on `project_id` where several fit
   */
  async find(caller: Principal, ref: InstallationRef): Promise<Installation> {
    const found = await this.installations.named(caller.organization.id, ref.projectId === undefined && caller.projectId !== null ? { ...ref, projectId: caller.projectId } : ref);
    const visible = caller.kind === 'extension' ? found.filter(({ id }) => id === caller.credentialId) : found;
    if (visible.length > 1) throw invalid({ field: 'project_id', code: 'ambiguous' });
    const [installation] = visible;
    if (installation === undefined) throw new DomainError('not_found');
    return installation;
  }

  /** Installs an extension into one project, with its first key. @throws validation_error, not_found for the project, insufficient_scope, conflict */
  async install(admin: Principal, projectId: number, document: unknown): Promise<ListedInstallation & { key: GeneratedSecret }> {
    const manifest = readManifest(document);
    mustHandOut(admin, manifest.permissions);
    const key = this.secrets.generate(KEY_SCHEME);
    return this.database.transaction(async () => {
      const project = await this.projects.held(admin.realm, projectId);
      const service = await this.users.addService({ email: `extension_${this.secrets.randomId()}@service.invalid`, name: manifest.name, locale: admin.product.defaultLocale });
      const now = await this.database.time();
      const place = { organizationId: admin.organization.id, projectId: project.id, serviceUserId: service.id };
      const installation = Installation.install(place, manifest, now);
      if (!(await this.installations.addUnlessInstalled(installation))) throw new DomainError('conflict');
      await this.keys.add(installation.id, key, now);
      await this.record(admin, 'extension.installed', installation, { extension_id: manifest.extensionId, version: manifest.version, project_id: project.id, permissions: manifest.permissions });
      return { ...(await this.withKeys(installation)), key };
    });
  }

  /**
   * Takes over a newer manifest, or the one that waits. What it no longer asks for is gone at once, even where what it asks
   * for beyond that is not accepted: this is the one refusal that is stored.
   * @throws not_found, validation_error, insufficient_scope, permissions_not_accepted
   */
  async upgrade(admin: Principal, ref: InstallationRef, document: unknown, consent: Consent | undefined): Promise<ListedInstallation> {
    const { id } = await this.find(admin, ref);
    const { installation, missing } = await this.database.transaction(async () => {
      const installation = await this.locked(admin, id);
      const manifest = readManifest(document ?? installation.pendingManifest);
      const growth = installation.growth(manifest);
      const missing = unaccepted(growth, consent);
      if (isNone(missing)) await this.takeOver(admin, installation, manifest, growth);
      else await this.holdBack(admin, installation, manifest);
      return { installation, missing };
    });
    if (!isNone(missing)) refuseUnaccepted(missing);
    return this.withKeys(installation);
  }

  /** Its keys are dead from the next request on, on every instance, and its secrets erased. @throws not_found */
  async uninstall(admin: Principal, ref: InstallationRef): Promise<void> {
    const { id } = await this.find(admin, ref);
    await this.database.transaction(async () => this.end(admin, await this.locked(admin, id)));
  }

  /** The same for all of a project that is deleted, in the transaction in which it is. */
  async uninstallAllOf(actor: Principal, projectId: number): Promise<void> {
    for (const installation of await this.installations.lockOf(actor.organization.id, projectId)) await this.end(actor, installation);
  }

  /** A new key; the one before works on for the grace, and none before that. @throws not_found, insufficient_scope, validation_error */
  async rotateKey(caller: Principal, ref: InstallationRef, graceSeconds: number): Promise<RotatedKey> {
    const { id } = await this.find(caller, ref);
    const key = this.secrets.generate(KEY_SCHEME);
    return this.database.transaction(async () => {
      const installation = await this.locked(caller, id);
      mustHandOut(caller, installation.permissions);
      const now = await this.database.time();
      await this.mustBeCurrent(caller, id, now);
      const previousEndsAt = graceEnd(graceSeconds, now);
      await this.keys.end(id, previousEndsAt, now);
      await this.keys.add(id, key, now);
      await this.record(caller, 'extension_key.rotated', installation, { grace_period_seconds: graceSeconds });
      return { key, previousEndsAt };
    });
  }

  /** A key on its way out makes no new one, also where it was ended while it waited for this. @throws forbidden */
  private async mustBeCurrent({ kind, tokenPrefix }: Principal, id: number, now: Date): Promise<void> {
    if (kind !== 'extension') return;
    const current = (await this.keys.working([id], now)).find(({ ends_at }) => ends_at === null);
    if (current?.prefix !== tokenPrefix) throw new DomainError('forbidden');
  }

  private async takeOver(admin: Principal, installation: Installation, manifest: Manifest, growth: Scopes): Promise<void> {
    if (!isNone(growth)) mustHandOut(admin, growth);
    const { version: from, name } = installation;
    installation.upgrade(manifest, await this.database.time());
    await this.installations.save(installation);
    if (manifest.name !== name) await this.users.change(installation.serviceUserId, (user, now) => user.update({ name: manifest.name }, now));
    await this.record(admin, 'extension.upgraded', installation, { from, version: manifest.version, permissions: manifest.permissions });
  }

  private async holdBack(admin: Principal, installation: Installation, manifest: Manifest): Promise<void> {
    installation.holdBack(manifest, await this.database.time());
    await this.installations.save(installation);
    const { version, permissions, pendingPermissions } = installation;
    await this.record(admin, 'extension.upgraded', installation, { from: version, version, waiting: manifest.version, permissions, pending_permissions: pendingPermissions });
  }

  private async end(actor: Principal, installation: Installation): Promise<void> {
    const now = await this.database.time();
    installation.uninstall(now);
    await this.installations.save(installation);
    await this.keys.end(installation.id, now, now);
    const erased = await this.stored.eraseAll(installation.id);
    await this.record(actor, 'extension.uninstalled', installation, { extension_id: installation.extensionId, project_id: installation.projectId, erased_secrets: erased });
  }

  private async withKeys(installation: Installation): Promise<ListedInstallation> {
    return { installation, keys: await this.keys.working([installation.id], await this.database.time()) };
  }

  private async locked({ organization }: Principal, id: number): Promise<Installation> {
    const installation = await this.installations.lock(organization.id, id);
    if (installation === null) throw new DomainError('not_found');
    return installation;
  }

  /** What ends is judged by the database's clock on every instance, and so is written by it. */
  private async record({ organization, actor }: Principal, action: AuditAction, { id }: Installation, metadata: Readonly<Record<string, unknown>>): Promise<void> {
    await this.audit.record({ chain: { organizationId: organization.id }, actor, action, target: { type: 'extension', id }, metadata });
  }
}

/** Nobody hands out more than they hold, nor what outlives them. @throws insufficient_scope */
function mustHandOut(caller: Principal, permissions: Scopes): void {
  caller.mustCover(Grant.of(permissions));
  caller.mustOutlive(null);
}

function isNone(scopes: Scopes): boolean {
  return scopes.toJSON().length === 0;
}

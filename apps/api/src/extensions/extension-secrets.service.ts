import { Injectable } from '@nestjs/common';
import { Audit, type AuditAction } from '#audit';
import { Database } from '#database';
import { DomainError, invalid, type Principal } from '#domain';
import { BrokenSeal } from '#secrets';
import { BrokenSecrets } from './broken-secrets.service.js';
import type { Installation } from './domain/installation.js';
import { SECRET_KEY } from './domain/manifest.js';
import { Installations, type InstallationRef } from './installations.service.js';
import { ExtensionSecretRepository, type ListedSecret, type StoredSecret } from './storage/extension-secret.repository.js';
import { InstallationRepository } from './storage/installation.repository.js';
import { placeOf, ValueSeal } from './value-seal.service.js';

const HOUR_MS = 3_600_000;
const MOST_SECRETS = 100;

/** What an installed extension keeps with us: it reads its values as they were set, admins see names and fingerprints. */
@Injectable()
export class ExtensionSecrets {
  constructor(
    private readonly database: Database,
    private readonly installations: Installations,
    private readonly rows: InstallationRepository,
    private readonly stored: ExtensionSecretRepository,
    private readonly seal: ValueSeal,
    private readonly broken: BrokenSecrets,
    private readonly audit: Audit,
  ) {}

  async list(caller: Principal, ref: InstallationRef): Promise<ListedSecret[]> {
    const { id } = await this.installations.find(caller, ref);
    return this.stored.list(id);
  }

  /** The value; that it was read is recorded before anybody sees it. @throws not_found, internal_error where it cannot be opened */
  async read(caller: Principal, ref: InstallationRef, key: string): Promise<string> {
    const installation = await this.installations.find(caller, ref);
    const secret = SECRET_KEY.test(key) ? await this.stored.find(installation.id, key) : null;
    if (secret === null) throw new DomainError('not_found');
    const value = await this.open(caller, installation, key, secret);
    await this.recordRead(caller, installation, key, secret);
    return value;
  }

  /** @throws not_found, validation_error where it exists, limit_reached */
  async create(caller: Principal, ref: InstallationRef, key: string, value: string): Promise<ListedSecret> {
    return this.write(caller, ref, key, async (installation) => {
      const added = await this.add(installation, key, value);
      if (added === null) throw invalid({ field: 'key', code: 'taken' });
      return added;
    });
  }

  /** Creates it, or gives it another value. @throws not_found, validation_error, limit_reached */
  async set(caller: Principal, ref: InstallationRef, key: string, value: string): Promise<ListedSecret> {
    return this.write(caller, ref, key, async (installation) => (await this.replace(installation, key, value)) ?? (await this.add(installation, key, value)));
  }

  /** @throws not_found */
  async change(caller: Principal, ref: InstallationRef, key: string, value: string): Promise<ListedSecret> {
    if (!SECRET_KEY.test(key)) throw new DomainError('not_found');
    return this.write(caller, ref, key, async (installation) => this.replace(installation, key, value));
  }

  /** @throws not_found */
  async delete(caller: Principal, ref: InstallationRef, key: string): Promise<void> {
    const { id } = await this.installations.find(caller, ref);
    await this.database.transaction(async () => {
      if (!(await this.stored.delete(id, key))) throw new DomainError('not_found');
      await this.record(caller, 'extension_secret.deleted', id, key);
    });
  }

  /** One at a time in an installation, and none in one that is being uninstalled. */
  private async write(caller: Principal, ref: InstallationRef, key: string, work: (installation: Installation) => Promise<ListedSecret | null>): Promise<ListedSecret> {
    if (!SECRET_KEY.test(key)) throw invalid({ field: 'key', code: 'invalid' });
    const { id } = await this.installations.find(caller, ref);
    return this.database.transaction(async () => {
      const installation = await this.rows.lock(caller.organization.id, id);
      const written = installation === null ? null : await work(installation);
      if (written === null) throw new DomainError('not_found');
      await this.record(caller, 'extension_secret.set', id, key, { rotation_count: written.rotation_count });
      return written;
    });
  }

  /** @throws limit_reached */
  private async add(installation: Installation, key: string, value: string): Promise<ListedSecret | null> {
    const held = await this.stored.list(installation.id);
    if (held.length >= MOST_SECRETS && !held.some((secret) => secret.key === key)) throw new DomainError('limit_reached');
    return this.stored.add(installation.id, key, await this.seal.seal(value, placeOf(installation, key)), await this.database.time());
  }

  private async replace(installation: Installation, key: string, value: string): Promise<ListedSecret | null> {
    return this.stored.replace(installation.id, key, await this.seal.seal(value, placeOf(installation, key)), await this.database.time());
  }

  private async open(caller: Principal, installation: Installation, key: string, secret: StoredSecret): Promise<string> {
    try {
      return this.seal.open(secret, placeOf(installation, key));
    } catch (error) {
      if (!(error instanceof BrokenSeal)) throw error;
      await this.broken.record(caller, installation, key);
      throw new DomainError('internal_error', { cause: error });
    }
  }

  /** An admin's read each time; the extension's own, which it does at every start, once per key and hour. */
  private async recordRead(caller: Principal, { id }: Installation, key: string, { own_read_recorded_at: recordedAt }: StoredSecret): Promise<void> {
    if (caller.kind !== 'extension') return this.database.transaction(async () => this.record(caller, 'extension_secret.read', id, key));
    const now = await this.database.time();
    const since = new Date(now.getTime() - HOUR_MS);
    if (recordedAt !== null && recordedAt > since) return;
    await this.database.transaction(async () => {
      if (await this.stored.takeOwnRead(id, key, since, now)) await this.record(caller, 'extension_secret.read', id, key);
    });
  }

  private async record({ organization, actor }: Principal, action: AuditAction, installationId: number, key: string, metadata: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const target = { type: 'extension_secret', id: `${installationId}/${key}` } as const;
    await this.audit.record({ chain: { organizationId: organization.id }, actor, action, target, metadata: { installation_id: installationId, key, ...metadata } });
  }
}

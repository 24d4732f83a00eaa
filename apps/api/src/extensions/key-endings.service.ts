import { Injectable } from '@nestjs/common';
import { type Description, type Ending, type RecognizedSecret, type Revocable, Revocables } from '#access';
import { Audit } from '#audit';
import { Database } from '#database';
import { Secrets } from '#secrets';
import { KEY_SCHEME } from './installations.service.js';
import { ExtensionKeyRepository } from './storage/extension-key.repository.js';
import { InstallationRepository } from './storage/installation.repository.js';
import { KeyReader } from './storage/key-reader.js';

/** Ends an extension's keys where nobody calls for it; it stays installed, and an admin may give it a new key. */
@Injectable()
export class KeyEndings implements Revocable {
  readonly kind = 'extension';

  constructor(
    revocables: Revocables,
    private readonly database: Database,
    private readonly installations: InstallationRepository,
    private readonly keys: ExtensionKeyRepository,
    private readonly reader: KeyReader,
    private readonly secrets: Secrets,
    private readonly audit: Audit,
  ) {
    revocables.register(this);
  }

  async describe(organizationId: number, id: number): Promise<Description | null> {
    const name = await this.installations.nameOf(organizationId, id);
    if (name === null) return null;
    return { name, isAlive: (await this.keys.working([id], await this.database.time())).length > 0 };
  }

  async end(organizationId: number, id: number, ending: Ending): Promise<boolean> {
    if ((await this.installations.lock(organizationId, id)) === null) return false;
    const now = await this.database.time();
    const [current] = await this.keys.working([id], now);
    if (current === undefined) return false;
    await this.keys.end(id, now, now);
    await this.record(organizationId, id, current.prefix, ending);
    return true;
  }

  async recognize(secret: string): Promise<RecognizedSecret | null> {
    if (!this.secrets.isWellFormed(KEY_SCHEME, secret)) return null;
    const digest = this.secrets.digest(secret);
    const key = await this.reader.find(digest);
    return key === null ? null : { organizationId: key.organization_id, credentialId: key.id, digest };
  }

  /** That key alone: another one beside it is not known to whoever found this. */
  async endSecret({ organizationId, credentialId, digest }: RecognizedSecret, ending: Ending): Promise<boolean> {
    if ((await this.installations.lock(organizationId, credentialId)) === null) return false;
    const prefix = await this.keys.endOne(digest, await this.database.time());
    if (prefix === null) return false;
    await this.record(organizationId, credentialId, prefix, ending);
    return true;
  }

  private async record(organizationId: number, id: number, prefix: string, { actor, reason, sourceUrl }: Ending): Promise<void> {
    const metadata = { token_prefix: prefix, reason, ...(sourceUrl !== undefined && { source_url: sourceUrl }) };
    await this.audit.record({ chain: { organizationId }, actor, action: 'extension_key.revoked', target: { type: 'extension', id }, metadata });
  }
}

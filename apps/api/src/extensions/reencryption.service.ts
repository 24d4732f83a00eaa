import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database } from '#database';
import { BrokenSeal } from '#secrets';
import { DataKeyRepository } from './storage/data-key.repository.js';
import { ExtensionSecretRepository, type PlacedSecret } from './storage/extension-secret.repository.js';
import { ValueSeal } from './value-seal.service.js';

const AT_ONCE = 100;

export interface Reencryption {
  /** Of the data key, from now on. */
  readonly version: number;
  readonly resealed: number;
  /** Those that do not open: they stay as they are, under their old version. */
  readonly broken: readonly string[];
}

/** Seals all secrets anew under a new version of the data key, while the service runs. */
@Injectable()
export class SecretReencryption {
  constructor(
    private readonly database: Database,
    private readonly secrets: ExtensionSecretRepository,
    private readonly keys: DataKeyRepository,
    private readonly seal: ValueSeal,
    private readonly audit: Audit,
  ) {}

  async run(): Promise<Reencryption> {
    const version = await this.database.transaction(async () => this.seal.renew());
    const broken = new Map<string, number>();
    let resealed = 0;
    // Whoever took the old key just before there was a new one may still write: then its version cannot be dropped yet.
    do resealed += await this.sweep(version, broken);
    while (!(await this.keys.dropBefore(version, [...broken.values()])));
    const result = { version, resealed, broken: [...broken.keys()] };
    await this.database.transaction(async () => {
      await this.audit.record({ chain: 'operator', actor: { type: 'operator', id: null }, action: 'data_key.rotated', target: { type: 'data_key', id: version }, metadata: { ...result } });
    });
    return result;
  }

  /** Seals anew what stands under an older version, and answers how many that were; what does not open is noted, with its version. */
  private async sweep(version: number, broken: Map<string, number>): Promise<number> {
    let resealed = 0;
    let last: readonly [number, string] | null = [0, ''];
    while (last !== null) {
      const after: readonly [number, string] = last;
      last = await this.database.transaction(async () => {
        const batch = await this.secrets.lockOlder(version, after, AT_ONCE);
        for (const secret of batch) {
          if (await this.reseal(secret)) resealed += 1;
          else broken.set(`${secret.installation_id}/${secret.key}`, secret.key_version);
        }
        const end = batch.at(-1);
        return end === undefined ? null : [end.installation_id, end.key];
      });
    }
    return resealed;
  }

  /** False where it does not open. */
  private async reseal(secret: PlacedSecret): Promise<boolean> {
    const place = { organizationId: secret.organization_id, projectId: secret.project_id, installationId: secret.installation_id, key: secret.key };
    try {
      const { sealed, keyVersion } = await this.seal.seal(this.seal.open(secret, place), place);
      await this.secrets.reseal(secret.installation_id, secret.key, sealed, keyVersion);
      return true;
    } catch (error) {
      if (error instanceof BrokenSeal) return false;
      throw error;
    }
  }
}

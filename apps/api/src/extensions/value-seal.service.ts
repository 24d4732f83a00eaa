import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { type Aead, DataKeys, ValueFingerprints } from '#secrets';
import type { Installation } from './domain/installation.js';
import { DataKeyRepository } from './storage/data-key.repository.js';
import type { SealedValue, StoredSecret } from './storage/extension-secret.repository.js';

/** Where a value belongs: it opens nowhere else. */
export interface Place {
  readonly organizationId: number;
  readonly projectId: number;
  readonly installationId: number;
  readonly key: string;
}

export function placeOf({ organizationId, projectId, id }: Installation, key: string): Place {
  return { organizationId, projectId, installationId: id, key };
}

/** Seals values under the newest data key, and opens them under whichever they stand. */
@Injectable()
export class ValueSeal {
  constructor(
    private readonly keys: DataKeyRepository,
    private readonly dataKeys: DataKeys,
    private readonly fingerprints: ValueFingerprints,
    private readonly clock: Clock,
  ) {}

  /** In the transaction in which the value is stored, so that its key is not dropped before that. */
  async seal(value: string, place: Place): Promise<SealedValue> {
    const { version, aead } = await this.newest();
    return { sealed: aead.seal(value, contextOf(place)), keyVersion: version, fingerprint: this.fingerprints.of(value, `extension ${place.installationId}`) };
  }

  /** @throws BrokenSeal where it was changed, or stands in another place than it was sealed for */
  open({ sealed, key_version: version, key_sealed: key }: StoredSecret, place: Place): string {
    return this.dataKeys.open({ version, sealed: key }).open(sealed, contextOf(place)).toString('utf8');
  }

  /** A new version, under which everything is sealed from now on; in the transaction under way. */
  async renew(): Promise<number> {
    const version = ((await this.keys.newest())?.version ?? 0) + 1;
    await this.keys.addUnlessTaken(this.dataKeys.generate(version), this.clock.now());
    return version;
  }

  private async newest(): Promise<{ version: number; aead: Aead }> {
    let key = await this.keys.newest();
    if (key === null) {
      await this.keys.addUnlessTaken(this.dataKeys.generate(1), this.clock.now());
      key = await this.keys.newest();
    }
    if (key === null) throw new Error('there is no data key');
    return { version: key.version, aead: this.dataKeys.open(key) };
  }
}

function contextOf({ organizationId, projectId, installationId, key }: Place): string {
  return `extension_secrets/${organizationId}/${projectId}/${installationId}/${key}`;
}

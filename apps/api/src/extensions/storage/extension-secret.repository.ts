import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** A value as it is stored. */
export interface SealedValue {
  readonly sealed: Buffer;
  readonly keyVersion: number;
  readonly fingerprint: string;
}

/** What may be known of a secret without its value. */
export interface ListedSecret {
  readonly key: string;
  readonly fingerprint: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_rotated_at: Date | null;
  readonly rotation_count: number;
}

export interface StoredSecret {
  readonly sealed: Buffer;
  readonly key_version: number;
  /** That version of the data key, itself sealed: read together, since versions are dropped. */
  readonly key_sealed: Buffer;
  readonly own_read_recorded_at: Date | null;
}

/** Where a secret stands, of the whole service: what its seal is bound to. */
export interface PlacedSecret extends StoredSecret {
  readonly organization_id: number;
  readonly project_id: number;
  readonly installation_id: number;
  readonly key: string;
}

const LISTED = 'key, fingerprint, created_at, updated_at, last_rotated_at, rotation_count';

/** A rotation is a new value: the same one written again is none. */
const REPLACED = `
  sealed = $3, key_version = $4, fingerprint = $5, updated_at = $6,
  last_rotated_at = CASE WHEN s.fingerprint = $5 THEN s.last_rotated_at ELSE $6 END,
  rotation_count = s.rotation_count + (s.fingerprint <> $5)::integer`;

type Row = ListedSecret & Record<string, unknown>;

/** The secrets of installations, which were found in their organization before. */
@Injectable()
export class ExtensionSecretRepository {
  constructor(private readonly database: Database) {}

  async list(installationId: number): Promise<ListedSecret[]> {
    return this.database.query<Row>(`SELECT ${LISTED} FROM extension_secrets WHERE installation_id = $1 ORDER BY key COLLATE "C"`, [installationId]);
  }

  async find(installationId: number, key: string): Promise<StoredSecret | null> {
    const [row] = await this.database.query<StoredSecret & Record<string, unknown>>(
      `SELECT s.sealed, s.key_version, d.sealed AS key_sealed, s.own_read_recorded_at
       FROM extension_secrets s JOIN data_keys d ON d.version = s.key_version WHERE s.installation_id = $1 AND s.key = $2`,
      [installationId, key],
    );
    return row ?? null;
  }

  /** Null, and nothing written, where the key is taken. */
  async add(installationId: number, key: string, value: SealedValue, now: Date): Promise<ListedSecret | null> {
    const [row] = await this.database.query<Row>(
      `INSERT INTO extension_secrets (installation_id, key, sealed, key_version, fingerprint, created_at, updated_at, rotation_count)
       VALUES ($1, $2, $3, $4, $5, $6, $6, 0) ON CONFLICT DO NOTHING RETURNING ${LISTED}`,
      [installationId, key, value.sealed, value.keyVersion, value.fingerprint, now],
    );
    return row ?? null;
  }

  /** Null where there is none. */
  async replace(installationId: number, key: string, value: SealedValue, now: Date): Promise<ListedSecret | null> {
    const [row] = await this.database.query<Row>(
      `UPDATE extension_secrets s SET ${REPLACED} WHERE installation_id = $1 AND key = $2 RETURNING ${LISTED}`,
      [installationId, key, value.sealed, value.keyVersion, value.fingerprint, now],
    );
    return row ?? null;
  }

  /** False where there was none. */
  async delete(installationId: number, key: string): Promise<boolean> {
    const deleted = await this.database.query('DELETE FROM extension_secrets WHERE installation_id = $1 AND key = $2 RETURNING key', [installationId, key]);
    return deleted.length === 1;
  }

  /** The keys of those that were erased. */
  async eraseAll(installationId: number): Promise<string[]> {
    const erased = await this.database.query<{ key: string }>('DELETE FROM extension_secrets WHERE installation_id = $1 RETURNING key', [installationId]);
    return erased.map(({ key }) => key).sort();
  }

  /** Whether this read is the first since then that its own extension made; of several at once, one is. */
  async takeOwnRead(installationId: number, key: string, since: Date, now: Date): Promise<boolean> {
    return this.take('own_read_recorded_at', [installationId, key, since, now]);
  }

  /** Whether nobody was told since then that it cannot be opened; of several at once, one finds so. */
  async takeBrokenNotice(installationId: number, key: string, since: Date, now: Date): Promise<boolean> {
    return this.take('broken_told_at', [installationId, key, since, now]);
  }

  /** The next of the whole service that stand under an older version, locked. */
  async lockOlder(version: number, after: readonly [number, string], most: number): Promise<PlacedSecret[]> {
    return this.database.query<PlacedSecret & Record<string, unknown>>(
      `SELECT s.installation_id, s.key, s.sealed, s.key_version, d.sealed AS key_sealed, s.own_read_recorded_at, e.organization_id, e.project_id
       FROM extension_secrets s JOIN extensions e ON e.id = s.installation_id JOIN data_keys d ON d.version = s.key_version
       WHERE s.key_version < $1 AND (s.installation_id, s.key) > ($2, $3)
       ORDER BY s.installation_id, s.key LIMIT $4 FOR UPDATE OF s`,
      [version, ...after, most],
    );
  }

  /** The same value under another key: nothing that anybody sees has changed. */
  async reseal(installationId: number, key: string, sealed: Buffer, keyVersion: number): Promise<void> {
    await this.database.query('UPDATE extension_secrets SET sealed = $3, key_version = $4 WHERE installation_id = $1 AND key = $2', [installationId, key, sealed, keyVersion]);
  }

  private async take(column: 'own_read_recorded_at' | 'broken_told_at', values: readonly unknown[]): Promise<boolean> {
    const taken = await this.database.query(
      `UPDATE extension_secrets SET ${column} = $4 WHERE installation_id = $1 AND key = $2 AND (${column} IS NULL OR ${column} <= $3) RETURNING key`,
      values,
    );
    return taken.length === 1;
  }
}

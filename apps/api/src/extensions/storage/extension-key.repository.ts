import { Injectable } from '@nestjs/common';
import type { Use } from '#access';
import { Database } from '#database';
import type { GeneratedSecret } from '#secrets';

/** A key as an admin sees it. */
export interface ListedKey {
  readonly installation_id: number;
  readonly prefix: string;
  readonly last_used_at: Date | null;
  /** Null: it is the current one. */
  readonly ends_at: Date | null;
}

/** The digests of installations' keys: one is current, one may be in its grace; those that ended are kept, so that their use is recognized. */
@Injectable()
export class ExtensionKeyRepository {
  constructor(private readonly database: Database) {}

  /** Those that work, the current one first. */
  async working(installationIds: readonly number[], now: Date): Promise<ListedKey[]> {
    return this.database.query<ListedKey & Record<string, unknown>>(
      `SELECT installation_id, prefix, last_used_at, ends_at FROM extension_keys
       WHERE installation_id = ANY($1::bigint[]) AND (ends_at IS NULL OR ends_at > $2) ORDER BY ends_at DESC NULLS FIRST`,
      [installationIds, now],
    );
  }

  async add(installationId: number, { digest, prefix }: GeneratedSecret, now: Date): Promise<void> {
    await this.database.query('INSERT INTO extension_keys (digest, installation_id, prefix, created_at) VALUES ($1, $2, $3, $4)', [digest, installationId, prefix, now]);
  }

  /** The current one stops to work at `until`; one that was in its grace, now. */
  async end(installationId: number, until: Date, now: Date): Promise<void> {
    await this.database.query(
      `UPDATE extension_keys SET ends_at = CASE WHEN ends_at IS NULL THEN $2::timestamptz ELSE $3 END
       WHERE installation_id = $1 AND (ends_at IS NULL OR ends_at > $3)`,
      [installationId, until, now],
    );
  }

  /** Ends one by its digest, and tells its prefix; null where it had ended before. */
  async endOne(digest: Buffer, now: Date): Promise<string | null> {
    const [ended] = await this.database.query<{ prefix: string }>('UPDATE extension_keys SET ends_at = $2 WHERE digest = $1 AND (ends_at IS NULL OR ends_at > $2) RETURNING prefix', [digest, now]);
    return ended?.prefix ?? null;
  }

  /** One statement for all that were used since the last one; what another instance knows better stays. */
  async markUsed(uses: readonly Use[]): Promise<void> {
    await this.database.query(
      `UPDATE extension_keys k SET last_used_at = u.at
       FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS u(installation_id, prefix, at)
       WHERE k.installation_id = u.installation_id AND k.prefix = u.prefix AND (k.last_used_at IS NULL OR k.last_used_at < u.at)`,
      [uses.map(({ credentialId }) => credentialId), uses.map(({ tokenPrefix }) => tokenPrefix), uses.map(({ lastAt }) => lastAt)],
    );
  }
}

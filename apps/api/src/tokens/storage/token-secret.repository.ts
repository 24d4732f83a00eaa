import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** The digests of a token's secrets: one is current, one may be in its grace; those that ended are kept, so that their use is recognized. */
@Injectable()
export class TokenSecretRepository {
  constructor(private readonly database: Database) {}

  async add(tokenId: number, digest: Buffer, now: Date): Promise<void> {
    await this.database.query('INSERT INTO workspace_token_secrets (digest, token_id, created_at) VALUES ($1, $2, $3)', [digest, tokenId, now]);
  }

  /** The current one stops to work at `until`; one that was in its grace, now. */
  async end(tokenId: number, until: Date, now: Date): Promise<void> {
    await this.database.query(
      `UPDATE workspace_token_secrets SET ends_at = CASE WHEN ends_at IS NULL THEN $2::timestamptz ELSE $3 END
       WHERE token_id = $1 AND (ends_at IS NULL OR ends_at > $3)`,
      [tokenId, until, now],
    );
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** The ids of access tokens that were revoked before their end, for as long as they would have lived. */
@Injectable()
export class RevokedTokenRepository {
  constructor(private readonly database: Database) {}

  /** False where it was revoked before. */
  async add(jti: string, expiresAt: Date): Promise<boolean> {
    const added = await this.database.query('INSERT INTO oauth_revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING jti', [jti, expiresAt]);
    return added.length === 1;
  }

  async forgetExpired(now: Date): Promise<void> {
    await this.database.query('DELETE FROM oauth_revoked_tokens WHERE expires_at < $1', [now]);
  }
}

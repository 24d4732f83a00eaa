import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** The ids of client assertions that were used, for as long as they could be used again (RFC 7523 §3, item 7). */
@Injectable()
export class AssertionRepository {
  constructor(private readonly database: Database) {}

  /** False where it was used before: of twenty at once, one is the first. */
  async use(applicationId: number, jti: string, expiresAt: Date): Promise<boolean> {
    const used = await this.database.query(
      'INSERT INTO oauth_assertions (application_id, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING jti',
      [applicationId, jti, expiresAt],
    );
    return used.length === 1;
  }

  async forgetExpired(now: Date): Promise<void> {
    await this.database.query('DELETE FROM oauth_assertions WHERE expires_at < $1', [now]);
  }
}

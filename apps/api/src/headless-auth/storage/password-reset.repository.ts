import { Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface PasswordReset extends Record<string, unknown> {
  readonly user_id: number;
  readonly product_id: number;
}

/** One pending reset per person: a newer request ends the older one. */
@Injectable()
export class PasswordResetRepository {
  constructor(private readonly database: Database) {}

  async put(reset: { userId: number; productId: number; digest: Buffer; expiresAt: Date }): Promise<void> {
    await this.database.query(
      `INSERT INTO password_resets (user_id, product_id, digest, expires_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (user_id) DO UPDATE SET product_id = excluded.product_id, digest = excluded.digest, expires_at = excluded.expires_at`,
      [reset.userId, reset.productId, reset.digest, reset.expiresAt],
    );
  }

  async find(digest: Buffer, now: Date): Promise<PasswordReset | null> {
    const [row] = await this.database.query<PasswordReset>(
      'SELECT user_id, product_id FROM password_resets WHERE digest = $1 AND expires_at > $2',
      [digest, now],
    );
    return row ?? null;
  }

  /** Of twenty who bring the same token at once, one gets true. */
  async consume(digest: Buffer, now: Date): Promise<boolean> {
    const consumed = await this.database.query('DELETE FROM password_resets WHERE digest = $1 AND expires_at > $2 RETURNING user_id', [digest, now]);
    return consumed.length === 1;
  }

  /** A password set in another way ends what was still pending. */
  async forget(userId: number): Promise<void> {
    await this.database.query('DELETE FROM password_resets WHERE user_id = $1', [userId]);
  }
}

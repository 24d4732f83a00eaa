import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Password hashes, apart from the people they belong to: no reader of users ever holds one. */
@Injectable()
export class PasswordRepository {
  constructor(private readonly database: Database) {}

  async hashOf(userId: number): Promise<string | null> {
    const [row] = await this.database.query<{ hash: string }>('SELECT hash FROM passwords WHERE user_id = $1', [userId]);
    return row?.hash ?? null;
  }

  async put(userId: number, hash: string, now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
      [userId, hash, now],
    );
  }
}

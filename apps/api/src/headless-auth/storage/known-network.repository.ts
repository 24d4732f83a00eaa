import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** From where each person has signed in before. */
@Injectable()
export class KnownNetworkRepository {
  constructor(private readonly database: Database) {}

  async remember(userId: number, network: string, now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO known_networks (user_id, network, seen_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id, network) DO UPDATE SET seen_at = excluded.seen_at`,
      [userId, network, now],
    );
  }

  async knows(userId: number, network: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM known_networks WHERE user_id = $1 AND network = $2', [userId, network]);
    return rows.length === 1;
  }
}

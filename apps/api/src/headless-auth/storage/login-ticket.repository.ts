import { Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface LoginTicket extends Record<string, unknown> {
  readonly user_id: number;
}

/** A login that waits for the choice of an organization. */
@Injectable()
export class LoginTicketRepository {
  constructor(private readonly database: Database) {}

  /** Sweeps the user's expired ones on the way. */
  async add(ticket: { digest: Buffer; userId: number; productId: number; expiresAt: Date }, now: Date): Promise<void> {
    await this.database.query('DELETE FROM login_tickets WHERE user_id = $1 AND expires_at <= $2', [ticket.userId, now]);
    await this.database.query('INSERT INTO login_tickets (digest, user_id, product_id, expires_at) VALUES ($1, $2, $3, $4)', [
      ticket.digest,
      ticket.userId,
      ticket.productId,
      ticket.expiresAt,
    ]);
  }

  async find(digest: Buffer, productId: number, now: Date): Promise<LoginTicket | null> {
    const [row] = await this.database.query<LoginTicket>(
      'SELECT user_id FROM login_tickets WHERE digest = $1 AND product_id = $2 AND expires_at > $3',
      [digest, productId, now],
    );
    return row ?? null;
  }

  /** A new password ends what the old one began. */
  async forget(userId: number): Promise<void> {
    await this.database.query('DELETE FROM login_tickets WHERE user_id = $1', [userId]);
  }

  /** Of twenty who bring the same ticket at once, one gets true. */
  async consume(digest: Buffer, now: Date): Promise<boolean> {
    const consumed = await this.database.query('DELETE FROM login_tickets WHERE digest = $1 AND expires_at > $2 RETURNING user_id', [digest, now]);
    return consumed.length === 1;
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Events of Stripe's that were taken, so that each is taken once. */
@Injectable()
export class StripeEventRepository {
  constructor(private readonly database: Database) {}

  /** False for one that was taken already. */
  async take(id: string, type: string, now: Date): Promise<boolean> {
    const taken = await this.database.query('INSERT INTO stripe_events (id, type, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id', [id, type, now]);
    return taken.length > 0;
  }

  /** False for one that was ignored already: a job may run twice. */
  async ignore(id: string, now: Date): Promise<boolean> {
    const ignored = await this.database.query('UPDATE stripe_events SET ignored_at = $2 WHERE id = $1 AND ignored_at IS NULL RETURNING id', [id, now]);
    return ignored.length > 0;
  }

  async forgetBefore(moment: Date): Promise<void> {
    await this.database.query('DELETE FROM stripe_events WHERE received_at < $1', [moment]);
  }
}

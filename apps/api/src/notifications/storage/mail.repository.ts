import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Draft, NotificationText } from '../domain/notification.js';

export type Waiting = Pick<NotificationText, 'title' | 'message' | 'url'>;

export interface Addressee {
  readonly membershipId: number;
  readonly organizationId: number;
}

/** What waits to be mailed, by member. */
@Injectable()
export class NotificationMailRepository {
  constructor(private readonly database: Database) {}

  async add(organizationId: number, drafts: readonly Draft[], now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO notification_mails (membership_id, title, message, url, created_at, organization_id)
       SELECT *, $5::timestamptz, $6::bigint FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])`,
      [drafts.map(({ membershipId }) => membershipId), drafts.map(({ title }) => title), drafts.map(({ message }) => message), drafts.map(({ url }) => url), now, organizationId],
    );
  }

  /**
   * A member for whom something has waited since then, and who had no mail since the other moment; held, and passed over by other
   * instances: the oldest of what waits for a member stands for all of it, so that no two instances hold parts of the same.
   */
  async holdDue(waitingSince: Date, lastSentBefore: Date): Promise<Addressee | null> {
    const [row] = await this.database.query<Addressee & Record<string, unknown>>(
      `SELECT m.membership_id AS "membershipId", m.organization_id AS "organizationId" FROM notification_mails m LEFT JOIN notification_digests d USING (membership_id)
       WHERE m.created_at <= $1 AND (d.sent_at IS NULL OR d.sent_at <= $2)
         AND NOT EXISTS (SELECT FROM notification_mails o WHERE o.membership_id = m.membership_id AND o.id < m.id)
       ORDER BY m.id LIMIT 1 FOR UPDATE OF m SKIP LOCKED`,
      [waitingSince, lastSentBefore],
    );
    return row ?? null;
  }

  /** All that waits for a member, oldest first; it waits no longer. */
  async take(membershipId: number, now: Date): Promise<Waiting[]> {
    const taken = await this.database.query<Waiting & { id: number } & Record<string, unknown>>('DELETE FROM notification_mails WHERE membership_id = $1 RETURNING id, title, message, url', [membershipId]);
    await this.database.query('INSERT INTO notification_digests (membership_id, sent_at) VALUES ($1, $2) ON CONFLICT (membership_id) DO UPDATE SET sent_at = excluded.sent_at', [membershipId, now]);
    return taken.sort((one, other) => one.id - other.id);
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { Draft, Notification } from '../domain/notification.js';

/** Where a member's stream stands. */
export interface InboxState {
  readonly membershipId: number;
  /** Tells this stream from any other that had its name. */
  readonly epoch: string;
  readonly lastOffset: number;
  readonly unreadCount: number;
  /** Grows with every change of it. */
  readonly version: number;
}

/** A notification of one of several streams. */
export interface Streamed extends Notification {
  readonly membershipId: number;
}

/** A notification of a stream, and where the stream stands. */
export interface News {
  readonly state: InboxState;
  readonly notification: Streamed;
}

/** Where a stream stands, and one notification of it, if there is one. */
export interface StreamNews {
  readonly state: InboxState;
  readonly notification: Streamed | null;
}

type NewsRow = [
  membershipId: number, epoch: string, lastOffset: number, unreadCount: number, version: number,
  id: number | null, offset: number, type: string, title: string, message: string, url: string | null, createdAtMs: number, readAtMs: number | null,
];

const STATE = 'membership_id AS "membershipId", epoch, last_offset AS "lastOffset", unread_count AS "unreadCount", version';
const ROW = 'n.id, n.stream_offset AS "offset", n.type, n.title, n.message, n.url, n.created_at AS "createdAt", n.read_at AS "readAt"';

type Untyped<T> = T & Record<string, unknown>;

/** Every connection asks. */
const INBOX_STATE = { name: 'inbox_state', text: `SELECT ${STATE} FROM inboxes WHERE membership_id = $1` };

/** As JSON: the driver would take three times as long for as many columns, and thousands are told in one second. */
const STREAM_NEWS = {
  name: 'stream_news',
  text: `SELECT json_agg(r)::text AS news FROM (
           SELECT json_build_array(i.membership_id, i.epoch, i.last_offset, i.unread_count, i.version,
                                   n.id, n.stream_offset, n.type, n.title, n.message, n.url, ${milliseconds('n.created_at')}, ${milliseconds('n.read_at')}) AS r
           FROM unnest($1::bigint[], $2::bigint[]) AS h(membership_id, head)
           JOIN inboxes i ON i.membership_id = h.membership_id
           LEFT JOIN notifications n ON n.membership_id = i.membership_id AND n.stream_offset > h.head AND n.stream_offset <= i.last_offset
           ORDER BY i.membership_id, n.stream_offset LIMIT $3) t`,
};

const ENDED_SESSIONS = { name: 'ended_sessions', text: 'SELECT id FROM sessions WHERE revoked_at >= $1' };

/** Members' inboxes: what is in them, its numbers and what of it is unread change in one statement, under the inbox's row. */
@Injectable()
export class InboxRepository {
  constructor(private readonly database: Database) {}

  /**
   * By members, each one's in the order of the drafts; the inboxes are taken in the order of their members, so that two
   * deliveries never wait for each other.
   */
  async deliver(organizationId: number, drafts: readonly Draft[], now: Date): Promise<News[]> {
    const rows = await this.database.query<Untyped<InboxState & { id: number; offset: number; place: number }>>(
      `WITH given AS (
         SELECT *, row_number() OVER (PARTITION BY membership_id ORDER BY place) AS step, count(*) OVER (PARTITION BY membership_id) AS steps
         FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS d(membership_id, type, title, message, url, place)),
       taken AS (
         INSERT INTO inboxes AS i (membership_id, organization_id, epoch, last_offset, unread_count, version)
         SELECT membership_id, $1, gen_random_uuid()::text, count(*), count(*), 1 FROM given GROUP BY membership_id ORDER BY membership_id
         ON CONFLICT (membership_id) DO UPDATE
         SET last_offset = i.last_offset + excluded.last_offset, unread_count = i.unread_count + excluded.unread_count, version = i.version + 1
         RETURNING ${STATE}),
       placed AS (SELECT g.*, t."lastOffset" - g.steps + g.step AS stream_offset FROM given g JOIN taken t ON t."membershipId" = g.membership_id),
       added AS (
         INSERT INTO notifications (membership_id, organization_id, stream_offset, type, title, message, url, created_at)
         SELECT membership_id, $1, stream_offset, type, title, message, url, $7 FROM placed ORDER BY membership_id, step
         RETURNING id, membership_id, stream_offset)
       SELECT t.*, a.id, a.stream_offset AS "offset", p.place
       FROM added a JOIN placed p USING (membership_id, stream_offset) JOIN taken t ON t."membershipId" = a.membership_id
       ORDER BY a.membership_id, a.stream_offset`,
      [organizationId, drafts.map(({ membershipId }) => membershipId), drafts.map(({ type }) => type), drafts.map(({ title }) => title), drafts.map(({ message }) => message), drafts.map(({ url }) => url), now],
    );
    return rows.flatMap(({ id, offset, place, ...state }) => {
      const draft = drafts[place - 1];
      return draft === undefined ? [] : [{ state, notification: { ...draft, id, offset, createdAt: now, readAt: null } }];
    });
  }

  /** Newest first. */
  async list(membershipId: number, unreadOnly: boolean, { page, perPage }: PageRequest): Promise<PageOf<Notification>> {
    const fitting = `FROM notifications n WHERE n.membership_id = $1 ${unreadOnly ? 'AND n.read_at IS NULL' : ''}`;
    const [count] = await this.database.query<{ total: number }>(`SELECT count(*) AS total ${fitting}`, [membershipId]);
    const rows = await this.database.query<Untyped<Notification>>(`SELECT ${ROW} ${fitting} ORDER BY n.id DESC LIMIT $2 OFFSET $3`, [membershipId, perPage, (page - 1) * perPage]);
    return { rows, total: count?.total ?? 0 };
  }

  /** Null where nothing was ever delivered to it. */
  async state(membershipId: number): Promise<InboxState | null> {
    const [state] = await this.states([membershipId]);
    return state ?? null;
  }

  async states(membershipIds: readonly number[]): Promise<InboxState[]> {
    return this.database.query<Untyped<InboxState>>(`SELECT ${STATE} FROM inboxes WHERE membership_id = ANY($1::bigint[])`, [membershipIds]);
  }

  /** The state of an inbox, which is made where there is none: its epoch is needed before its first notification. */
  async open(membershipId: number, organizationId: number): Promise<InboxState> {
    const [known] = await this.database.read<Untyped<InboxState>>(INBOX_STATE, [membershipId]);
    if (known !== undefined) return known;
    const [made] = await this.database.query<Untyped<InboxState>>(
      `INSERT INTO inboxes (membership_id, organization_id, epoch, last_offset, unread_count, version)
       VALUES ($1, $2, gen_random_uuid()::text, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING ${STATE}`,
      [membershipId, organizationId],
    );
    if (made !== undefined) return made;
    return (await this.states([membershipId]))[0] ?? { membershipId, epoch: '', lastOffset: 0, unreadCount: 0, version: 0 };
  }

  /** The row of one notification and the inbox's state are taken together. Null where it is not in this inbox; a second time changes nothing. */
  async markRead(membershipId: number, id: number, now: Date): Promise<{ notification: Notification; changed: boolean } | null> {
    await this.lock(membershipId);
    const [changed] = await this.database.query<Untyped<Notification>>(
      `UPDATE notifications n SET read_at = $3 WHERE n.membership_id = $1 AND n.id = $2 AND n.read_at IS NULL RETURNING ${ROW}`,
      [membershipId, id, now],
    );
    if (changed !== undefined) {
      await this.count(membershipId, 1);
      return { notification: changed, changed: true };
    }
    const [known] = await this.database.query<Untyped<Notification>>(`SELECT ${ROW} FROM notifications n WHERE n.membership_id = $1 AND n.id = $2`, [membershipId, id]);
    return known === undefined ? null : { notification: known, changed: false };
  }

  /** How many that were. */
  async markAllRead(membershipId: number, now: Date): Promise<number> {
    await this.lock(membershipId);
    const read = await this.database.query('UPDATE notifications SET read_at = $2 WHERE membership_id = $1 AND read_at IS NULL RETURNING id', [membershipId, now]);
    if (read.length > 0) await this.count(membershipId, read.length);
    return read.length;
  }

  /** Those of one stream after an offset, in order. */
  async after(membershipId: number, offset: number, most: number): Promise<Streamed[]> {
    return this.database.query<Untyped<Streamed>>(
      `SELECT n.membership_id AS "membershipId", ${ROW} FROM notifications n WHERE n.membership_id = $1 AND n.stream_offset > $2 ORDER BY n.stream_offset LIMIT $3`,
      [membershipId, offset, most],
    );
  }

  /**
   * Where many streams stand, each with what is in it after its own offset, in order; one without anything new stands alone.
   * Of one moment of the database.
   */
  async news(heads: readonly { readonly membershipId: number; readonly offset: number }[], most: number): Promise<StreamNews[]> {
    const [row] = await this.database.read<{ news: string }>(STREAM_NEWS, [heads.map(({ membershipId }) => membershipId), heads.map(({ offset }) => offset), most]);
    return (JSON.parse(row?.news ?? '[]') as NewsRow[]).map(newsOf);
  }

  /** Sessions that have ended since a moment, with what has committed until now. */
  async sessionsEndedSince(moment: Date): Promise<number[]> {
    const rows = await this.database.read<{ id: number }>(ENDED_SESSIONS, [moment]);
    return rows.map(({ id }) => id);
  }

  /** How far back a stream is kept for clients that were away: the first offset that can still be given, and the first after a moment. */
  async offsetSince(membershipId: number, since: Date): Promise<number | null> {
    const [row] = await this.database.query<{ offset: number | null }>('SELECT min(stream_offset) AS "offset" FROM notifications WHERE membership_id = $1 AND created_at >= $2', [membershipId, since]);
    return row?.offset ?? null;
  }

  /** The offset of the first notification with a greater id. */
  async offsetAfterId(membershipId: number, id: number): Promise<number | null> {
    const [row] = await this.database.query<{ offset: number | null }>('SELECT min(stream_offset) AS "offset" FROM notifications WHERE membership_id = $1 AND id > $2', [membershipId, id]);
    return row?.offset ?? null;
  }

  private async lock(membershipId: number): Promise<void> {
    await this.database.query('SELECT FROM inboxes WHERE membership_id = $1 FOR UPDATE', [membershipId]);
  }

  private async count(membershipId: number, read: number): Promise<void> {
    await this.database.query('UPDATE inboxes SET unread_count = unread_count - $2, version = version + 1 WHERE membership_id = $1', [membershipId, read]);
  }
}

function newsOf([membershipId, epoch, lastOffset, unreadCount, version, id, offset, type, title, message, url, createdAtMs, readAtMs]: NewsRow): StreamNews {
  const state = { membershipId, epoch, lastOffset, unreadCount, version };
  if (id === null) return { state, notification: null };
  const readAt = readAtMs === null ? null : new Date(readAtMs);
  return { state, notification: { membershipId, id, offset, type, title, message, url, createdAt: new Date(createdAtMs), readAt } };
}

function milliseconds(column: string): string {
  return `floor(extract(epoch FROM ${column}) * 1000)`;
}

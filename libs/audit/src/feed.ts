import { Injectable, Logger } from '@nestjs/common';
import { Database } from '#database';
import type { Entry } from './hash-chain.js';

const BATCH = 200;

/** An audited act, or a happening of a workspace, which stands in no chain. */
export interface FeedEntry extends Omit<Entry, 'chain'> {
  /** Its place among all that happened; grows without gaps. */
  readonly position: number;
  /** Null for a happening. */
  readonly chain: string | null;
  /** Whose workspace it happened in; null for an act. */
  readonly organization_id: number | null;
}

const FACTS = 'id, occurred_at, actor_type, actor_id, action, target_type, target_id, metadata';

/** Hears of each entry after its commit, in order, at least once: reading one twice must change nothing. */
export interface FeedReader {
  readonly name: string;
  read(entries: readonly FeedEntry[]): Promise<void>;
}

/** Carries sealed entries to whoever registered to hear of them, from where each stood. */
@Injectable()
export class Feed {
  private readonly logger = new Logger(Feed.name);
  private readonly readers: FeedReader[] = [];

  constructor(private readonly database: Database) {}

  register(reader: FeedReader): void {
    this.readers.push(reader);
  }

  /** A reader that fails is told the same again the next time, and holds up no other. */
  async deliver(): Promise<void> {
    for (const reader of this.readers) {
      try {
        while ((await this.deliverTo(reader)) === BATCH);
      } catch (error) {
        this.logger.warn({ msg: 'a reader of the feed fails', reader: reader.name, reason: String(error) });
      }
    }
  }

  /** The reader's work and its new position commit together; on another instance it waits its turn. */
  private async deliverTo(reader: FeedReader): Promise<number> {
    return this.database.transaction(async () => {
      await this.database.query('INSERT INTO audit_feed_readers (name) VALUES ($1) ON CONFLICT DO NOTHING', [reader.name]);
      const entries = await this.database.query<FeedEntry>(
        `WITH place AS (SELECT position FROM audit_feed_readers WHERE name = $1 FOR UPDATE),
         acts AS (
           SELECT s.position, e.chain, NULL::bigint AS organization_id, ${columns('e')}, e.ip, e.user_agent, e.request_id
           FROM audit_seals s JOIN audit_entries e ON e.id = s.entry_id
           WHERE s.position > (SELECT position FROM place) ORDER BY s.position LIMIT $2),
         happened AS (
           SELECT h.position, NULL::text AS chain, h.organization_id, ${columns('h')}, NULL::text AS ip, NULL::text AS user_agent, NULL::text AS request_id
           FROM happenings h
           WHERE h.position > (SELECT position FROM place) ORDER BY h.position LIMIT $2)
         SELECT * FROM (SELECT * FROM acts UNION ALL SELECT * FROM happened) entries ORDER BY position LIMIT $2`,
        [reader.name, BATCH],
      );
      const last = entries.at(-1);
      if (last === undefined) return 0;
      await reader.read(entries);
      await this.database.query('UPDATE audit_feed_readers SET position = $2 WHERE name = $1', [reader.name, last.position]);
      return entries.length;
    });
  }
}

function columns(table: string): string {
  return FACTS.split(', ').map((name) => `${table}.${name}`).join(', ');
}

import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '#database';
import { type Entry, GENESIS, hashOf } from './hash-chain.js';
import { Feed } from './feed.js';

const PAUSE_MS = 400;
const BATCH = 500;

interface Head {
  readonly chain: string;
  readonly chain_position: number;
  readonly hash: string;
}

/**
 * Orders what has committed and appends its position and hash to an insert-only table within a second, so that no
 * request waits for a chain's lock. Of all instances on a database one seals at a time.
 */
@Injectable()
export class Sealer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sealer.name);
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
  ) {}

  onApplicationBootstrap(): void {
    this.next();
  }

  /** Before the database is let go. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.underWay;
  }

  /** Seals all that has committed by now: whoever reads or verifies the trail calls this first. */
  async seal(): Promise<void> {
    while ((await this.sealBatch()) === BATCH);
  }

  private next(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.underWay = this.turn().finally(() => this.next());
    }, PAUSE_MS);
    this.timer.unref();
  }

  private async turn(): Promise<void> {
    try {
      await this.seal();
      await this.feed.deliver();
    } catch (error) {
      this.logger.warn({ msg: 'sealing waits', reason: String(error) });
    }
  }

  private async sealBatch(): Promise<number> {
    return this.database.transaction(async () => {
      await this.database.query(`SELECT pg_advisory_xact_lock(hashtext('kiket-auth:audit-sealer'))`);
      const entries = await this.database.query<Entry>(
        `SELECT e.* FROM audit_pending p JOIN audit_entries e ON e.id = p.entry_id ORDER BY e.id LIMIT $1`,
        [BATCH],
      );
      if (entries.length > 0) await this.append(entries);
      const placed = await this.placeHappenings();
      return Math.max(entries.length, placed);
    });
  }

  /** What stands in no chain still has its place among all that happened. */
  private async placeHappenings(): Promise<number> {
    const placed = await this.database.query(
      `UPDATE happenings h SET position = $2 + n.n
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM (SELECT id FROM happenings WHERE position IS NULL ORDER BY id LIMIT $1) t) n
       WHERE h.id = n.id RETURNING h.id`,
      [BATCH, await this.lastPosition()],
    );
    return placed.length;
  }

  /** Happenings are forgotten; where their readers stand is not. */
  private async lastPosition(): Promise<number> {
    const [row] = await this.database.query<{ last: number }>(
      `SELECT greatest((SELECT max(position) FROM audit_seals), (SELECT max(position) FROM happenings), (SELECT max(position) FROM audit_feed_readers), 0) AS last`,
    );
    return row?.last ?? 0;
  }

  private async append(entries: readonly Entry[]): Promise<void> {
    const heads = await this.headsOf([...new Set(entries.map((entry) => entry.chain))]);
    const last = await this.lastPosition();
    const seals = entries.map((entry, index) => {
      const head = heads.get(entry.chain) ?? { chain: entry.chain, chain_position: 0, hash: GENESIS };
      const chain_position = head.chain_position + 1;
      const hash = hashOf(entry, chain_position, head.hash);
      heads.set(entry.chain, { chain: entry.chain, chain_position, hash });
      return { position: last + index + 1, entry_id: entry.id, chain: entry.chain, chain_position, previous_hash: head.hash, hash };
    });
    await this.database.query(
      `INSERT INTO audit_seals (position, entry_id, chain, chain_position, previous_hash, hash)
       SELECT position, entry_id, chain, chain_position, previous_hash, hash
       FROM jsonb_to_recordset($1) AS s(position bigint, entry_id bigint, chain text, chain_position bigint, previous_hash text, hash text)`,
      [JSON.stringify(seals)],
    );
    await this.database.query('DELETE FROM audit_pending WHERE entry_id = ANY($1)', [entries.map((entry) => entry.id)]);
  }

  private async headsOf(chains: readonly string[]): Promise<Map<string, Head>> {
    const heads = await this.database.query<Head>(
      `SELECT head.* FROM unnest($1::text[]) AS name,
         LATERAL (SELECT chain, chain_position, hash FROM audit_seals WHERE chain = name ORDER BY chain_position DESC LIMIT 1) head`,
      [chains],
    );
    return new Map(heads.map((head) => [head.chain, head]));
  }
}

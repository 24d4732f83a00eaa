import { setImmediate } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { SigningKeys, statementKeys } from '#jwt';
import type { PageOf, PageRequest } from '#request';
import { type Chain, chainName } from './act.js';
import { type Checkpointed, readCheckpoint, signCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { CheckpointKeyStore } from './checkpoint-key-store.js';
import { Sealer } from './sealer.js';

const PAUSE_SECONDS = 120;
/** With the pause before somebody looks, and some time for the work, never more than an hour. */
const INTERVAL_MS = 56 * 60_000;
const BATCH = 500;
/** Signatures checked in one go: some milliseconds. */
const CHECKED_AT_ONCE = 50;

interface Head extends Record<string, unknown> {
  readonly chain: string;
  readonly chain_position: number;
  readonly entry_id: number;
  readonly hash: string;
}

/** A signed checkpoint, as it is kept. */
export interface Checkpoint extends Record<string, unknown> {
  readonly id: number;
  readonly chain_position: number;
  readonly created_at: Date;
  readonly jws: string;
}

/** Signs how each chain stands, at most an hour after it moved: what was cut off below a checkpoint is missed. */
@Injectable()
export class Checkpoints implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly rounds: Rounds,
    private readonly keys: SigningKeys,
    private readonly keyStore: CheckpointKeyStore,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'checkpoints of the audit trail', async () => this.signDue());
  }

  /** Every chain that has moved, and of which nothing was signed for an hour. */
  async signDue(): Promise<void> {
    const due = await this.database.query<Head>(
      `WITH RECURSIVE chains AS (
         SELECT min(chain) AS chain FROM audit_seals
         UNION ALL SELECT (SELECT min(chain) FROM audit_seals WHERE chain > c.chain) FROM chains c WHERE c.chain IS NOT NULL)
       SELECT head.* FROM chains, LATERAL (
         SELECT chain, chain_position, entry_id, hash FROM audit_seals s WHERE s.chain = chains.chain ORDER BY chain_position DESC LIMIT 1) head
       WHERE NOT EXISTS (
         SELECT 1 FROM audit_checkpoints k WHERE k.chain = head.chain AND (k.chain_position >= head.chain_position OR k.created_at > $1))`,
      [new Date(this.clock.now().getTime() - INTERVAL_MS)],
    );
    for (let from = 0; from < due.length; from += BATCH) await this.keep(due.slice(from, from + BATCH));
  }

  /** Of one chain as it stands now; the one that is there already, where it has not moved; null for an empty chain. */
  async sign(chain: Chain): Promise<Checkpoint | null> {
    await this.sealer.seal();
    const heads = await this.database.query<Head>(
      'SELECT chain, chain_position, entry_id, hash FROM audit_seals WHERE chain = $1 ORDER BY chain_position DESC LIMIT 1',
      [chainName(chain)],
    );
    await this.keep(heads);
    const [kept] = await this.database.query<Checkpoint>(
      'SELECT id, chain_position, created_at, jws FROM audit_checkpoints WHERE chain = $1 AND chain_position = $2',
      [chainName(chain), heads[0]?.chain_position ?? 0],
    );
    return kept ?? null;
  }

  /** Newest first. */
  async list(chain: Chain, { page, perPage }: PageRequest): Promise<PageOf<Checkpoint>> {
    const name = chainName(chain);
    const [count] = await this.database.query<{ total: number }>('SELECT count(*) AS total FROM audit_checkpoints WHERE chain = $1', [name]);
    const rows = await this.database.query<Checkpoint>(
      'SELECT id, chain_position, created_at, jws FROM audit_checkpoints WHERE chain = $1 ORDER BY chain_position DESC LIMIT $2 OFFSET $3',
      [name, perPage, (page - 1) * perPage],
    );
    return { rows, total: count?.total ?? 0 };
  }

  /** What was signed of the chain of this name, by its place. Only what is signed counts: the columns beside it are anybody's who writes to the table. */
  async signed(name: string): Promise<Checkpointed> {
    const keys = statementKeys(await this.keyStore.all());
    const rows = await this.database.query<Checkpoint>('SELECT chain_position, jws FROM audit_checkpoints WHERE chain = $1', [name]);
    const signed = new Map<number, readonly SignedCheckpoint[]>();
    for (const [index, { chain_position, jws }] of rows.entries()) {
      // Years have thousands, and whoever signs on demand makes more: nobody else waits for all of them.
      if (index % CHECKED_AT_ONCE === 0) await setImmediate();
      const claims = readCheckpoint(jws, keys);
      signed.set(chain_position, claims?.chain === name && claims.events === chain_position ? [claims] : ['forged']);
    }
    return signed;
  }

  private async keep(heads: readonly Head[]): Promise<void> {
    if (heads.length === 0) return;
    const now = this.clock.now();
    const key = this.keys.signer();
    const signed = heads.map(({ chain, chain_position, entry_id, hash }) => {
      const claims = { iss: this.config.publicUrl, iat: Math.floor(now.getTime() / 1000), chain, events: chain_position, last_event_id: entry_id, head: hash };
      return { chain, chain_position, jws: signCheckpoint(claims, key) };
    });
    await this.database.transaction(async () => {
      await this.keyStore.remember(key, now);
      await this.database.query(
        `INSERT INTO audit_checkpoints (chain, chain_position, created_at, jws)
         SELECT chain, chain_position, $2, jws FROM jsonb_to_recordset($1) AS c(chain text, chain_position bigint, jws text) ON CONFLICT DO NOTHING`,
        [JSON.stringify(signed), now],
      );
    });
  }
}

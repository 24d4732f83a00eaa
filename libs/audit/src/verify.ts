import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type Chain, chainName } from './act.js';
import { ChainWalk, type Verdict } from './chain-walk.js';
import { Checkpoints } from './checkpoints.js';
import type { Entry } from './hash-chain.js';
import { Sealer } from './sealer.js';

const STEP = 1_000;

interface StoredLink extends Omit<Entry, 'id'> {
  readonly id: number | null;
  readonly entry_id: number;
  readonly position: number;
  readonly chain_position: number;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Walks a chain as the database keeps it, and measures it against every checkpoint that was signed of it. */
@Injectable()
export class ChainVerifier {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly checkpoints: Checkpoints,
  ) {}

  async verify(chain: Chain): Promise<Verdict> {
    return this.walk(chainName(chain));
  }

  /** Every chain that anything was ever sealed or signed of. */
  async verifyAll(): Promise<readonly { readonly chain: string; readonly verdict: Verdict }[]> {
    await this.sealer.seal();
    const chains = await this.database.query<{ chain: string }>('SELECT chain FROM audit_seals UNION SELECT chain FROM audit_checkpoints ORDER BY chain');
    const verdicts: { chain: string; verdict: Verdict }[] = [];
    for (const { chain } of chains) verdicts.push({ chain, verdict: await this.walk(chain) });
    return verdicts;
  }

  private async walk(chain: string): Promise<Verdict> {
    await this.sealer.seal();
    const walk = new ChainWalk(await this.checkpoints.signed(chain));
    let place = 0;
    for (let links = await this.after(chain, 0); links.length > 0; links = await this.after(chain, place)) {
      for (const link of links) {
        const { id, entry_id, position, chain_position, previous_hash, hash } = link;
        if (!walk.take({ id: entry_id, entry: id === null ? null : { ...link, id }, chain_position, previous_hash, hash, position })) return walk.verdict();
        place = chain_position;
      }
    }
    return walk.verdict();
  }

  private async after(chain: string, place: number): Promise<StoredLink[]> {
    return this.database.query<StoredLink & Record<string, unknown>>(
      `SELECT e.*, s.entry_id, s.position, s.chain_position, s.previous_hash, s.hash
       FROM audit_seals s LEFT JOIN audit_entries e ON e.id = s.entry_id AND e.chain = s.chain
       WHERE s.chain = $1 AND s.chain_position > $2 ORDER BY s.chain_position LIMIT $3`,
      [chain, place, STEP],
    );
  }
}

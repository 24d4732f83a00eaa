import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type Chain, chainName } from './act.js';
import { type Entry, GENESIS, hashOf } from './hash-chain.js';
import { Sealer } from './sealer.js';

const STEP = 1_000;

export type Verdict =
  | { readonly valid: true; readonly events: number; readonly head: string }
  | { readonly valid: false; readonly first_invalid_id: number; readonly reason: 'altered' | 'missing' };

interface Link extends Omit<Entry, 'id'> {
  /** Null where the entry itself is gone. */
  readonly id: number | null;
  readonly entry_id: number;
  readonly chain_position: number;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Walks a chain from its first link, recomputing every hash from the entry itself. */
@Injectable()
export class ChainVerifier {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  async verify(chain: Chain): Promise<Verdict> {
    await this.sealer.seal();
    let head = GENESIS;
    let position = 0;
    for (let links = await this.after(chain, 0); links.length > 0; links = await this.after(chain, position)) {
      for (const link of links) {
        if (link.id === null || link.chain_position !== position + 1) {
          return { valid: false, first_invalid_id: link.entry_id, reason: 'missing' };
        }
        if (link.previous_hash !== head || link.hash !== hashOf({ ...link, id: link.id }, position + 1, head)) {
          return { valid: false, first_invalid_id: link.entry_id, reason: 'altered' };
        }
        head = link.hash;
        position = link.chain_position;
      }
    }
    return { valid: true, events: position, head };
  }

  private async after(chain: Chain, position: number): Promise<Link[]> {
    return this.database.query<Link>(
      `SELECT e.*, s.entry_id, s.chain_position, s.previous_hash, s.hash
       FROM audit_seals s LEFT JOIN audit_entries e ON e.id = s.entry_id AND e.chain = s.chain
       WHERE s.chain = $1 AND s.chain_position > $2 ORDER BY s.chain_position LIMIT $3`,
      [chainName(chain), position, STEP],
    );
  }
}

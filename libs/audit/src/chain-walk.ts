import type { Checkpointed } from './checkpoint.js';
import { type Entry, GENESIS, hashOf } from './hash-chain.js';

/** An entry at its place in a chain. */
export interface Link {
  readonly id: number;
  /** Null where the entry itself is gone. */
  readonly entry: Entry | null;
  readonly chain_position: number;
  readonly previous_hash: string;
  readonly hash: string;
  /** Its place among all that happened, by which it is listed; an export has only its order. */
  readonly position?: number;
}

/**
 * `altered`: it is not what was sealed at its place; `missing`: it is gone, or what stood before it is; `truncated`: a signed
 * checkpoint knows of events behind the last one; `forged_checkpoint`: a checkpoint of that place is signed by none of our keys.
 */
export type Reason = 'altered' | 'missing' | 'truncated' | 'forged_checkpoint';

export type Verdict =
  | { readonly valid: true; readonly events: number; readonly head: string }
  | {
      readonly valid: false;
      /** Of a truncated chain the last event that is left; null where none is. */
      readonly first_invalid_id: number | null;
      readonly reason: Reason;
    };

/** Walks one chain from its first link, recomputing each hash from the entry itself, past the checkpoints that were signed of it. */
export class ChainWalk {
  private place = 0;
  /** Of the last link among all that happened. */
  private position = 0;
  private head = GENESIS;
  private lastId: number | null = null;
  private fault: Verdict | undefined;

  constructor(private readonly checkpoints: Checkpointed = new Map()) {}

  /** False once something is wrong: what follows proves nothing more. */
  take(link: Link): boolean {
    if (this.fault !== undefined) return false;
    const reason = this.wrongWith(link);
    if (reason !== null) {
      this.fault = { valid: false, first_invalid_id: link.id, reason };
      return false;
    }
    this.place = link.chain_position;
    this.position = link.position ?? this.position;
    this.head = link.hash;
    this.lastId = link.id;
    return true;
  }

  /** After the last link. */
  verdict(): Verdict {
    if (this.fault !== undefined) return this.fault;
    const behind = [...this.checkpoints].filter(([place]) => place > this.place);
    const isGenuine = behind.some(([, signed]) => signed.some((checkpoint) => checkpoint !== 'forged'));
    if (behind.length > 0) return { valid: false, first_invalid_id: this.lastId, reason: isGenuine ? 'truncated' : 'forged_checkpoint' };
    return { valid: true, events: this.place, head: this.head };
  }

  private wrongWith({ entry, chain_position, previous_hash, hash, position }: Link): Reason | null {
    const place = this.place + 1;
    if (entry === null || chain_position > place) return 'missing';
    if (chain_position < place || previous_hash !== this.head || hash !== hashOf(entry, place, this.head)) return 'altered';
    if (position !== undefined && position <= this.position) return 'altered';
    const signed = this.checkpoints.get(place) ?? [];
    if (signed.includes('forged')) return 'forged_checkpoint';
    return signed.every((checkpoint) => checkpoint !== 'forged' && checkpoint.head === hash) ? null : 'altered';
  }
}

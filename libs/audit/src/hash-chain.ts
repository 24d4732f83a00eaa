import { createHash } from 'node:crypto';

/** An entry as it is hashed: ids, never names. */
export interface Entry {
  readonly id: number;
  readonly chain: string;
  readonly occurred_at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly metadata: unknown;
}

/** What precedes the first entry of a chain. */
export const GENESIS = '0'.repeat(64);

/** SHA-256, in hex, over the hash before, the place in the chain and every field of the entry, in one canonical order. */
export function hashOf(entry: Entry, chainPosition: number, previousHash: string): string {
  const { id, chain, occurred_at, actor_type, actor_id, action, target_type, target_id, ip, user_agent, request_id, metadata } = entry;
  const fields = [
    previousHash, chain, chainPosition, id, occurred_at.toISOString(), actor_type, actor_id, action, target_type, target_id,
    ip, user_agent, request_id, canonical(metadata),
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** The same value always as the same text (jsonb keeps no order of keys), and different values never as one. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return ['[', ...value.map(canonical)];
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['{', ...members.map(([key, member]) => [key, canonical(member)])];
}

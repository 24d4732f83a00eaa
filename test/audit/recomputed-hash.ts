import { createHash } from 'node:crypto';
import type { World } from '../support/world.js';

/** An entry with its seal, as the database keeps both. */
export interface SealedEntry extends Record<string, unknown> {
  readonly id: number;
  readonly chain: string;
  readonly occurred_at: Date;
  readonly metadata: unknown;
  readonly position: number;
  readonly chain_position: number;
  readonly previous_hash: string;
  readonly hash: string;
}

const NUMBERS = ['id', 'position', 'chain_position'];
const HASHED = ['actor_type', 'actor_id', 'action', 'target_type', 'target_id', 'ip', 'user_agent', 'request_id'];

export async function sealed(world: World, chain: string): Promise<SealedEntry[]> {
  const rows = await world.database.sql<SealedEntry>(
    `SELECT e.*, s.position, s.chain_position, s.previous_hash, s.hash
     FROM audit_seals s JOIN audit_entries e ON e.id = s.entry_id WHERE s.chain = $1 ORDER BY s.chain_position`,
    [chain],
  );
  return rows.map((row) => Object.assign(row, Object.fromEntries(NUMBERS.map((name) => [name, Number(row[name])]))));
}

/** The hash as an auditor computes it from the rows alone: written apart from the service, so that no change of its format goes unnoticed. */
export function recomputedHash(entry: SealedEntry, previousHash = entry.previous_hash): string {
  const fields = [previousHash, entry.chain, entry.chain_position, entry.id, entry.occurred_at.toISOString(), ...HASHED.map((name) => entry[name]), marked(entry.metadata)];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** Objects as sorted pairs behind a `{`, lists behind a `[`. */
function marked(value: unknown): unknown {
  if (Array.isArray(value)) return ['[', ...value.map(marked)];
  if (typeof value !== 'object' || value === null) return value;
  const { ...members } = value as Record<string, unknown>;
  return ['{', ...Object.keys(members).sort().map((key) => [key, marked(members[key])])];
}

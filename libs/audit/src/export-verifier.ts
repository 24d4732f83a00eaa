import { z } from 'zod';
import { type StatementJwk, statementKeys } from '#jwt';
import { ChainWalk, type Link, type Verdict } from './chain-walk.js';
import { readCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { type Entry, hashOf } from './hash-chain.js';

const COMPACT_JWS = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const ORGANIZATIONS = 'organization:';

const id = z.union([z.string(), z.number()]).nullable().transform((value) => (value === null ? null : String(value)));
const party = z.object({ type: z.string(), id });
const text = z.string().nullable();
const Line = z
  .object({
    id: z.int(), chain: z.string(), chain_position: z.int(), occurred_at: z.iso.datetime({ offset: true }), actor: party, action: z.string(), target: party,
    ip: text, user_agent: text, request_id: text, metadata: z.unknown(), previous_hash: z.string(), hash: z.string(),
  })
  .transform(({ actor, target, occurred_at, chain_position, previous_hash, hash, ...event }) => {
    const entry: Entry = { ...event, occurred_at: new Date(occurred_at), actor_type: actor.type, actor_id: actor.id, target_type: target.type, target_id: target.id };
    return { id: event.id, entry, chain_position, previous_hash, hash };
  });

/** What an export is measured against: checkpoints in any text that holds them, and the keys of `/.well-known/audit-keys.json`. */
export interface Witnesses {
  readonly checkpoints: string;
  readonly keys: readonly StatementJwk[];
}

/** With the number of the line at which the walk ended. */
export type ExportVerdict = Verdict & { readonly line: number };

/**
 * Proves a whole NDJSON export without the service: the organization's chain link by link, and of its members' events on the
 * product's identity chain, which come singly, each by itself.
 */
export async function verifyExport(lines: AsyncIterable<string>, witnesses?: Witnesses): Promise<ExportVerdict> {
  let walk: ChainWalk | undefined;
  let chain: string | undefined;
  let line = 0;
  const altered = (first_invalid_id: number | null): ExportVerdict => ({ valid: false, first_invalid_id, reason: 'altered', line });
  for await (const written of lines) {
    if (written === '') continue;
    line += 1;
    const link = read(written);
    if (link === null) return altered(idIn(written));
    if (link.entry.chain.startsWith(ORGANIZATIONS)) {
      chain ??= link.entry.chain;
      walk ??= new ChainWalk(signedOf(chain, witnesses));
      if (link.entry.chain !== chain) return altered(link.id);
      if (!walk.take(link)) return { ...walk.verdict(), line };
    } else if (link.hash !== hashOf(link.entry, link.chain_position, link.previous_hash)) return altered(link.id);
  }
  walk ??= new ChainWalk(signedOf(undefined, witnesses));
  return { ...walk.verdict(), line };
}

function read(line: string): (Link & { readonly entry: Entry }) | null {
  return Line.safeParse(json(line)).data ?? null;
}

/** Which event a line that is none seems to be about. */
function idIn(line: string): number | null {
  return z.object({ id: z.int() }).safeParse(json(line)).data?.id ?? null;
}

/** A checkpoint of another chain says nothing of this one. */
function signedOf(chain: string | undefined, witnesses: Witnesses | undefined): ReadonlyMap<number, SignedCheckpoint> {
  const signed = new Map<number, SignedCheckpoint>();
  if (witnesses === undefined) return signed;
  const keys = statementKeys(witnesses.keys);
  for (const [jws] of witnesses.checkpoints.matchAll(COMPACT_JWS)) {
    const claims = readCheckpoint(jws, keys);
    // Nobody knows at which place it would stand: it is missed at the end.
    if (claims === null) signed.set(Number.MAX_SAFE_INTEGER, 'forged');
    else if (chain === undefined || claims.chain === chain) signed.set(claims.events, claims);
  }
  return signed;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { z } from 'zod';
import { type StatementJwk, statementKeys } from '#jwt';
import { ChainWalk, type Link, type Verdict } from './chain-walk.js';
import { type Checkpointed, readCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { type Entry, hashOf } from './hash-chain.js';

const COMPACT_JWS = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const ORGANIZATIONS = 'organization:';

const id = z.union([z.string(), z.number()]).nullable().transform((value) => (value === null ? null : String(value)));
const text = z.string().nullable();
const party = z.strictObject({ type: z.string(), id, name: text });
const Line = z
  .strictObject({
    id: z.int(), chain: z.string(), chain_position: z.int(), occurred_at: z.iso.datetime({ precision: 3 }), actor: party, action: z.string(), target: party,
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

/** With the number of the line at which the walk ended, and of how many places of this chain a checkpoint was among the witnesses. */
export type ExportVerdict = Verdict & { readonly line: number; readonly checkpoints: number };

type FoundLink = Link & { readonly entry: Entry };

/**
 * Proves a whole NDJSON export without the service: the organization's chain link by link, and of its members' events on the
 * product's identity chain, which come singly, each by itself and in their order.
 */
export async function verifyExport(lines: AsyncIterable<string>, witnesses?: Witnesses): Promise<ExportVerdict> {
  let walk: ChainWalk | undefined;
  let signed: Checkpointed = new Map();
  let own: FoundLink | undefined;
  let single: FoundLink | undefined;
  let line = 0;
  const told = (verdict: Verdict): ExportVerdict => ({ ...verdict, line, checkpoints: signed.size });
  const altered = (first_invalid_id: number | null): ExportVerdict => told({ valid: false, first_invalid_id, reason: 'altered' });
  for await (const written of lines) {
    if (written === '') continue;
    line += 1;
    const link = read(written);
    if (link === null) return altered(idIn(written));
    if (link.entry.chain.startsWith(ORGANIZATIONS)) {
      own ??= link;
      if (walk === undefined) walk = new ChainWalk((signed = signedOf(own.entry.chain, witnesses)));
      if (link.entry.chain !== own.entry.chain) return altered(link.id);
      if (!walk.take(link)) return told(walk.verdict());
    } else {
      if (!isGenuine(link, single)) return altered(link.id);
      single = link;
    }
  }
  walk ??= new ChainWalk((signed = signedOf(undefined, witnesses)));
  return told(walk.verdict());
}

/** Null for what is no event, or not written as an export writes it: two readers might read it differently. */
function read(line: string): FoundLink | null {
  const value = json(line);
  return JSON.stringify(value) === line ? (Line.safeParse(value).data ?? null) : null;
}

/** Whether it is what was sealed at its place, behind the one of its chain that came before it. */
function isGenuine({ entry, chain_position: place, previous_hash, hash }: FoundLink, before: FoundLink | undefined): boolean {
  if (hash !== hashOf(entry, place, previous_hash)) return false;
  if (before === undefined) return true;
  if (entry.chain !== before.entry.chain || place <= before.chain_position) return false;
  return place > before.chain_position + 1 || previous_hash === before.hash;
}

/** Which event a line that is none seems to be about. */
function idIn(line: string): number | null {
  return z.object({ id: z.int() }).safeParse(json(line)).data?.id ?? null;
}

/** A checkpoint of another chain says nothing of this one. */
function signedOf(chain: string | undefined, witnesses: Witnesses | undefined): Checkpointed {
  const signed = new Map<number, SignedCheckpoint[]>();
  if (witnesses === undefined) return signed;
  const keys = statementKeys(witnesses.keys);
  const put = (place: number, checkpoint: SignedCheckpoint): unknown => signed.set(place, [...(signed.get(place) ?? []), checkpoint]);
  for (const [jws] of witnesses.checkpoints.matchAll(COMPACT_JWS)) {
    const claims = readCheckpoint(jws, keys);
    // Nobody knows at which place it would stand: it is missed at the end.
    if (claims === null) put(Number.MAX_SAFE_INTEGER, 'forged');
    else if (chain === undefined || claims.chain === chain) put(claims.events, claims);
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

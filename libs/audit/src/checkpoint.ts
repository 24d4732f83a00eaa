import { z } from 'zod';
import { readStatement, signStatement, type StatementKeys } from '#jwt';

const TYP = 'audit-checkpoint+jwt';

const Claims = z.object({
  iss: z.string(),
  /** Seconds since 1970. */
  iat: z.int().nonnegative(),
  chain: z.string(),
  /** How many events the chain had. */
  events: z.int().positive(),
  last_event_id: z.int().positive(),
  /** The hash of the last of them. */
  head: z.string().regex(/^[0-9a-f]{64}$/),
});

/** How a chain stood at a moment. */
export type CheckpointClaims = Readonly<z.infer<typeof Claims>>;

/** What stands at a place of a chain; `forged` where none of our keys signed it. */
export type SignedCheckpoint = CheckpointClaims | 'forged';

/** What was signed of a chain, by its places: several of one place, where we were made to sign that it stood otherwise. */
export type Checkpointed = ReadonlyMap<number, readonly SignedCheckpoint[]>;

export function signCheckpoint(claims: CheckpointClaims, key: Parameters<typeof signStatement>[2]): string {
  return signStatement(TYP, claims, key);
}

/** What a genuine checkpoint says; null for one that none of the keys signed. */
export function readCheckpoint(jws: string, keys: StatementKeys): CheckpointClaims | null {
  return Claims.safeParse(readStatement(jws, TYP, keys)).data ?? null;
}

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/** The `typ` of a checkpoint: it keeps a checkpoint from ever passing as a token. */
const TYP = 'audit-checkpoint+jwt';

const Header = z.strictObject({ alg: z.literal('ES256'), typ: z.literal(TYP), kid: z.string() });
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

/** A key as the JWK set of the trail shows it. */
export interface CheckpointJwk {
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

export type CheckpointKeys = ReadonlyMap<string, KeyObject>;

/** A compact JWS (RFC 7515 §7.1) by ES256. */
export function signCheckpoint(claims: CheckpointClaims, { kid, privateKey }: { readonly kid: string; readonly privateKey: KeyObject }): string {
  const input = `${encoded({ alg: 'ES256', typ: TYP, kid })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** What a genuine checkpoint says; null for one that none of the keys signed. */
export function readCheckpoint(jws: string, keys: CheckpointKeys): CheckpointClaims | null {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.');
  const { kid } = Header.safeParse(decoded(header)).data ?? {};
  const key = kid === undefined ? undefined : keys.get(kid);
  if (key === undefined || more.length > 0) return null;
  const signed = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  return signed ? (Claims.safeParse(decoded(payload)).data ?? null) : null;
}

/** Keys by their ids. @throws where one is no public key */
export function checkpointKeys(jwks: readonly CheckpointJwk[]): CheckpointKeys {
  return new Map(jwks.map((jwk) => [jwk.kid, createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, format: 'jwk' })]));
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

import { constants, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { RegisteredKey } from './client-key.js';

/** Assertions are short: whoever sends more sends something else. */
const LONGEST = 8_192;
const CACHED_KEYS = 1_000;

/** How each algorithm that a client may sign with is checked; `none` and the symmetric ones are not among them (RFC 8725 §3.1). */
const ALGORITHMS: Readonly<Record<string, (input: Buffer, key: KeyObject, signature: Buffer) => boolean>> = {
  ES256: (input, key, signature) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature),
  RS256: (input, key, signature) => verify('sha256', input, key, signature),
  PS256: (input, key, signature) => verify('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** RFC 9864 calls it by its curve, RFC 8037 by the family of which no other member is taken here. */
function ed25519(input: Buffer, key: KeyObject, signature: Buffer): boolean {
  return verify(null, input, key, signature);
}

/** Checked where no registered key comes into question: a refusal must not tell by its time whether one did. Nothing is proven by them. */
const DECOYS: Readonly<Record<string, KeyObject>> = (() => {
  const rsa = createPublicKey({ key: { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256, 255).toString('base64url') }, format: 'jwk' });
  const curve = generateKeyPairSync('ed25519').publicKey;
  return { ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, RS256: rsa, PS256: rsa, EdDSA: curve, Ed25519: curve };
})();

export const ASSERTION_ALGORITHMS: readonly string[] = Object.keys(ALGORITHMS);

/** What points elsewhere for a key (jku, x5u, jwk) is not even looked at; what must be understood is not understood. */
const Header = z.object({ alg: z.string(), kid: z.string().optional(), crit: z.never().optional() });

const seconds = z.number().nonnegative().max(1e12);
/** The database is asked for some of it, and takes no NUL. */
const storable = z.string().regex(/^[^\0]*$/);
const Claims = z.object({
  iss: z.string(),
  sub: storable,
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  exp: seconds,
  iat: seconds.optional(),
  nbf: seconds.optional(),
  jti: storable.min(1).max(256),
});

/** What a client says of itself (RFC 7523 §3). Times in seconds since 1970. */
export type AssertionClaims = Readonly<z.infer<typeof Claims>>;

/** An assertion that has the form of one. Nothing of it is proven. */
export interface Assertion {
  readonly claims: AssertionClaims;
  /** The registered key that signed it, or null. */
  signedBy(keys: readonly RegisteredKey[]): RegisteredKey | null;
}

/** Null for what is no client assertion. */
export function readAssertion(text: string): Assertion | null {
  const [header = '', payload = '', signature = '', ...more] = text.split('.');
  if (text.length > LONGEST || more.length > 0) return null;
  const head = Header.safeParse(json(header)).data;
  const claims = Claims.safeParse(json(payload)).data;
  const signed = bytes(signature);
  if (head === undefined || claims === undefined || signed === null) return null;
  const input = Buffer.from(`${header}.${payload}`);
  return {
    claims,
    signedBy: (keys) => {
      const [check, decoy] = Object.hasOwn(ALGORITHMS, head.alg) ? [ALGORITHMS[head.alg], DECOYS[head.alg]] : [];
      if (check === undefined || decoy === undefined) return null;
      const candidates = keys.filter(({ alg, kid }) => ALGORITHMS[alg] === check && (head.kid === undefined || kid === head.kid));
      if (candidates.length === 0) check(input, decoy, signed);
      return candidates.find((key) => check(input, keyObject(key), signed)) ?? null;
    },
  };
}

const parsed = new Map<string, KeyObject>();

/** Parsed once a key: it costs more than the check itself. */
function keyObject(key: RegisteredKey): KeyObject {
  const name = JSON.stringify(key);
  const known = parsed.get(name) ?? createPublicKey({ key: { ...key }, format: 'jwk' });
  if (parsed.size >= CACHED_KEYS) parsed.clear();
  parsed.set(name, known);
  return known;
}

function json(part: string): unknown {
  try {
    return JSON.parse((bytes(part) ?? Buffer.alloc(0)).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** base64url without padding, in its one canonical form; null for anything else. */
function bytes(part: string): Buffer | null {
  const decoded = Buffer.from(part, 'base64url');
  return decoded.length > 0 && decoded.toString('base64url') === part ? decoded : null;
}

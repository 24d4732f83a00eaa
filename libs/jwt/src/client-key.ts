import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** Shorter RSA keys are broken by those who can afford it; longer ones, and odd exponents, cost us more than they protect. */
const SHORTEST_MODULUS = 2_048;
const LONGEST_MODULUS = 8_192;
const SMALLEST_EXPONENT = 65_537n;
const LARGEST_EXPONENT = 2n ** 32n;

/** A registered public key: what RFC 7517 says of it, with the one algorithm that it is for, and its id. */
export interface RegisteredKey {
  readonly kty: string;
  readonly alg: string;
  readonly kid: string;
  readonly [member: string]: string;
}

/** Of each kind of key: the members that RFC 7638 hashes, in its order, and the algorithms; RSA must say which of its two it means. */
const SHAPES = [
  { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'], algorithms: ['ES256'], usual: 'ES256' },
  // RFC 9864 calls by the curve's name what RFC 8037 calls by the family's.
  { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'], algorithms: ['EdDSA', 'Ed25519'], usual: 'EdDSA' },
  { kty: 'RSA', crv: undefined, members: ['e', 'kty', 'n'], algorithms: ['RS256', 'PS256'], usual: undefined },
] as const;

/** A public key as a client may register it, with nothing else that stood beside it; null for what is none, or not public. */
export function importClientKey(jwk: Readonly<Record<string, unknown>>): RegisteredKey | null {
  const shape = SHAPES.find(({ kty, crv }) => kty === jwk['kty'] && crv === jwk['crv']);
  if (shape === undefined || 'd' in jwk || 'k' in jwk) return null;
  const members = publicMembers(jwk, shape.members);
  const alg = jwk['alg'] ?? shape.usual;
  if (members === null || !(shape.algorithms as readonly unknown[]).includes(alg)) return null;
  const kid = jwk['kid'] ?? digestOf(members);
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) return null;
  return { ...members, kty: shape.kty, alg: alg as string, kid };
}

/** What a key is, whatever its owner calls it (RFC 7638). */
export function thumbprint(key: RegisteredKey): string {
  const members = SHAPES.find(({ kty }) => kty === key.kty)?.members ?? [];
  return digestOf(Object.fromEntries(members.map((name) => [name, key[name] ?? ''])));
}

function digestOf(members: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** In the one spelling that a key has, so that two of them are never one key; null for none of use. */
function publicMembers(jwk: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> | null {
  try {
    const key = createPublicKey({ key: Object.fromEntries(names.map((name) => [name, jwk[name]])), format: 'jwk' });
    const exported = key.export({ format: 'jwk' });
    return isOfUse(key) ? Object.fromEntries(names.map((name) => [name, String(exported[name])])) : null;
  } catch {
    return null;
  }
}

function isOfUse({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = SHORTEST_MODULUS, publicExponent = SMALLEST_EXPONENT } = asymmetricKeyDetails ?? {};
  if (modulusLength < SHORTEST_MODULUS || modulusLength > LONGEST_MODULUS) return false;
  return publicExponent >= SMALLEST_EXPONENT && publicExponent < LARGEST_EXPONENT;
}

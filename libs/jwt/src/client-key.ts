import { createHash, createPublicKey } from 'node:crypto';

/** Shorter RSA keys are broken by those who can afford it. */
const SHORTEST_MODULUS = 2_048;

/** A registered public key: what RFC 7517 says of it, with the one algorithm that it is for, and its id. */
export interface RegisteredKey {
  readonly kty: string;
  readonly alg: string;
  readonly kid: string;
  readonly [member: string]: string;
}

/** Of each kind of key: the members that RFC 7638 hashes, in its order, and the algorithms; RSA must say which of its two it means. */
const SHAPES = [
  { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'], algorithms: ['ES256'] },
  { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'], algorithms: ['EdDSA'] },
  { kty: 'RSA', crv: undefined, members: ['e', 'kty', 'n'], algorithms: ['RS256', 'PS256'] },
] as const;

/** A public key as a client may register it, with nothing else that stood beside it; null for what is none, or not public. */
export function importClientKey(jwk: Readonly<Record<string, unknown>>): RegisteredKey | null {
  const shape = SHAPES.find(({ kty, crv }) => kty === jwk['kty'] && crv === jwk['crv']);
  if (shape === undefined || 'd' in jwk || 'k' in jwk) return null;
  const algorithms: readonly string[] = shape.algorithms;
  const alg = jwk['alg'] ?? (algorithms.length === 1 ? algorithms[0] : undefined);
  const members = Object.fromEntries(shape.members.map((name) => [name, jwk[name]])) as Record<string, string>;
  const kid = jwk['kid'] ?? createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  if (typeof alg !== 'string' || !algorithms.includes(alg)) return null;
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid) || !isPublicKey(members)) return null;
  return { ...members, kty: shape.kty, alg, kid };
}

function isPublicKey(members: Record<string, string>): boolean {
  try {
    const key = createPublicKey({ key: members, format: 'jwk' });
    return (key.asymmetricKeyDetails?.modulusLength ?? SHORTEST_MODULUS) >= SHORTEST_MODULUS;
  } catch {
    return false;
  }
}

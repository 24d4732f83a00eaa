import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ISSUER } from './application.js';

type Alg = 'ES256' | 'RS256' | 'PS256' | 'EdDSA';

/** A key pair as a client keeps it, and how it signs. */
export interface ClientKey {
  readonly alg: Alg;
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As the client registers it. */
  readonly jwk: Readonly<Record<string, unknown>>;
  sign(input: string): Buffer;
}

export function clientKey(alg: Alg = 'ES256', kid = 'mine'): ClientKey {
  const { publicKey, privateKey } = pairFor(alg);
  return {
    alg,
    kid,
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), alg, kid },
    sign: (input) => sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), { key: privateKey, ...HOW[alg] }),
  };
}

const HOW = {
  ES256: { dsaEncoding: 'ieee-p1363' },
  RS256: {},
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  EdDSA: {},
} as const;

function pairFor(alg: Alg): { publicKey: KeyObject; privateKey: KeyObject } {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

interface Parts {
  readonly header?: object;
  readonly claims?: object;
  readonly signature?: (input: string) => Buffer;
}

/** The form of a client that proves itself by a key, right but for what is given. */
export function asserted(key: ClientKey, clientId: string, now: Date, { header = {}, claims = {}, signature = key.sign }: Parts = {}): Record<string, string> {
  const seconds = Math.floor(now.getTime() / 1000);
  const said = { iss: clientId, sub: clientId, aud: ISSUER, iat: seconds, exp: seconds + 60, jti: crypto.randomUUID(), ...claims };
  const input = [{ alg: key.alg, kid: key.kid, ...header }, said].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${input}.${signature(input).toString('base64url')}`,
  };
}

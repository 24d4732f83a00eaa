import { sign } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '#clock';
import { loadConfig } from '#config';
import { Database } from '#database';
import { SealedBox } from '#secrets';
import {
  ACCESS_LIFETIME_SECONDS,
  PRODUCT_ACCESS,
  type ProductClaims,
  REFRESH_LIFETIME_SECONDS,
} from '../product-token.js';
import { SigningKey } from '../signing-key.js';
import { SigningKeyStore } from '../signing-key-store.js';
import { SigningKeys } from '../signing-keys.js';
import { TokenSigner } from '../token-signer.js';
import { TokenVerifier } from '../token-verifier.js';

class SetClock extends Clock {
  time = new Date('2030-01-01T12:00:00Z');

  override now(): Date {
    return this.time;
  }

  get seconds(): number {
    return this.time.getTime() / 1000;
  }
}

/** Signs. */
export const key = SigningKey.generate();
/** Is published and does not sign. */
export const published = SigningKey.generate();
/** Is an attacker's. */
export const stranger = SigningKey.generate();

export const clock = new SetClock();
export const BEGINNING = clock.time;

/** A service whose keys come from JWT_PRIVATE_KEYS: no database is asked, and none is there. */
export const { keys, signer, verifier } = (() => {
  const pems = [key, published].map(({ privateKey }) => privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const config = loadConfig({
    SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
    PASSWORD_PEPPER: Buffer.alloc(32, 2).toString('base64'),
    JWT_PRIVATE_KEYS: pems.join(''),
  });
  const database = new Database(new DataSource({ type: 'postgres' }), new Clock());
  const keys = new SigningKeys(config, database, clock, new SigningKeyStore(database, new SealedBox(config)));
  return { keys, signer: new TokenSigner(keys), verifier: new TokenVerifier(keys, config, clock) };
})();

export const HEADER = { alg: 'ES256', typ: 'JWT', kid: key.kid };

/** What a genuine token says at this moment. */
export function claims(changes: Partial<ProductClaims> = {}): ProductClaims {
  const lifetime = changes.type === 'refresh' ? REFRESH_LIFETIME_SECONDS : ACCESS_LIFETIME_SECONDS;
  return {
    iss: 'kiket.dev',
    sub: '7',
    org: 42,
    product: 'spravce-gdpr',
    scopes: ['issues', 'projects:read'],
    type: 'access',
    iat: clock.seconds,
    exp: clock.seconds + lifetime,
    jti: 'Zm9vYmFyYmF6cXV4MTIzNA',
    sid: 9,
    ...changes,
  };
}

/** A value as JSON, or a text as it is, in base64url. */
export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function es256(input: string, by: SigningKey = key): Buffer {
  return sign('sha256', Buffer.from(input), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
}

export const signedBy = (by: SigningKey) => (input: string) => es256(input, by);

/** A token made by hand, genuine but for what is given; header and payload may be JSON texts. */
export function forge({
  header = HEADER as unknown,
  payload = claims() as unknown,
  signature = (input: string): Buffer => es256(input),
} = {}): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

export const refusal = (code: string) => ({ name: 'DomainError', code });

export async function refused(token: string, code = 'invalid_token'): Promise<void> {
  await expect(verifier.verify(token, PRODUCT_ACCESS)).rejects.toMatchObject(refusal(code));
}

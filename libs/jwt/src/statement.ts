import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/** A public key of a published set. */
export interface StatementJwk {
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

/** By their ids. */
export type StatementKeys = ReadonlyMap<string, KeyObject>;

/** @throws where one is no public key */
export function statementKeys(jwks: readonly StatementJwk[]): StatementKeys {
  return new Map(jwks.map(({ kid, kty, crv, x, y }) => [kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })]));
}

/** What we state for good, as a compact JWS by ES256: it never expires, and its `typ` keeps it from passing as a token. */
export function signStatement(typ: string, claims: object, { kid, privateKey }: { readonly kid: string; readonly privateKey: KeyObject }): string {
  const input = `${encoded({ alg: 'ES256', typ, kid })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The claims of a genuine statement of this `typ`; undefined for what none of the keys signed. */
export function readStatement(jws: string, typ: string, keys: StatementKeys): unknown {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.');
  const { kid } = z.strictObject({ alg: z.literal('ES256'), typ: z.literal(typ), kid: z.string() }).safeParse(decoded(header)).data ?? {};
  const key = kid === undefined ? undefined : keys.get(kid);
  if (key === undefined || more.length > 0) return undefined;
  const signed = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  return signed ? decoded(payload) : undefined;
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

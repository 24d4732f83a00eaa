import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { importClientKey, thumbprint } from './client-key.js';

const jwkOf = ({ publicKey }: ReturnType<typeof generateKeyPairSync>): Record<string, unknown> => publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec = jwkOf(p256);
const ed = jwkOf(generateKeyPairSync('ed25519'));
const rsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
const modulus = (bytes: number) => Buffer.concat([Buffer.alloc(bytes - 1, 0xff), Buffer.of(0xfd)]).toString('base64url');

describe('a client’s public key', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['EC on P-256', ec, 'ES256'],
    ['EC on P-256 that says its algorithm', { ...ec, alg: 'ES256' }, 'ES256'],
    ['Ed25519', ed, 'EdDSA'],
    ['Ed25519 under the name of RFC 9864', { ...ed, alg: 'Ed25519' }, 'Ed25519'],
    ['RSA for PKCS #1', { ...rsa, alg: 'RS256' }, 'RS256'],
    ['RSA for PSS', { ...rsa, alg: 'PS256' }, 'PS256'],
    ['RSA of 4,096 bits', { kty: 'RSA', e: 'AQAB', n: modulus(512), alg: 'RS256' }, 'RS256'],
  ])('may be %s', (_, jwk, alg) => {
    expect(importClientKey({ ...jwk, kid: 'mine' })).toEqual({ ...jwk, alg, kid: 'mine' });
  });

  it('is known by its thumbprint, where it has no id', async () => {
    for (const jwk of [ec, ed, { ...rsa, alg: 'PS256' }]) {
      const imported = importClientKey(jwk);
      expect(imported?.kid).toBe(await calculateJwkThumbprint(jwk));
      expect(imported !== null && thumbprint({ ...imported, kid: 'other' })).toBe(imported?.kid);
    }
  });

  it('is kept with nothing else that stood beside it', () => {
    const imported = importClientKey({ ...ec, use: 'sig', key_ops: ['verify'], x5u: 'https://evil.example/', x5c: ['AAAA'], secret: 'x', toString: 'x' });
    expect(Object.keys(imported ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'x', 'y']);
  });

  it('is kept in its one spelling', () => {
    expect(importClientKey({ ...ec, x: `${String(ec['x'])}=` })).toEqual(importClientKey(ec));
    expect(importClientKey({ ...rsa, alg: 'RS256', e: 'AAEAAQ' })).toEqual(importClientKey({ ...rsa, alg: 'RS256' }));
  });

  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['a private EC key', p256.privateKey.export({ format: 'jwk' }) as Record<string, unknown>],
    ['a public key with a private part', { ...rsa, alg: 'RS256', d: 'AQAB' }],
    ['an octet key', { kty: 'oct', k: 'AQAB', alg: 'HS256' }],
    ['a public key that is a secret too', { ...ec, k: 'AQAB' }],
    ['of the algorithm none', { ...ec, alg: 'none' }],
    ['of a symmetric algorithm', { ...ec, alg: 'HS256' }],
    ['of another kind’s algorithm', { ...ec, alg: 'RS256' }],
    ['RSA that does not say for which algorithm', rsa],
    ['RSA for a longer hash', { ...rsa, alg: 'RS512' }],
    ['RSA of 1,024 bits', { ...rsa, n: modulus(128), alg: 'RS256' }],
    ['RSA of 2,040 bits', { ...rsa, n: modulus(255), alg: 'RS256' }],
    ['RSA of 16,384 bits', { ...rsa, n: modulus(2_048), alg: 'RS256' }],
    ['RSA whose signatures are the text itself', { ...rsa, e: 'AQ', alg: 'RS256' }],
    ['RSA of exponent 3', { ...rsa, e: 'Aw', alg: 'RS256' }],
    ['RSA of an endless exponent', { ...rsa, e: modulus(64), alg: 'RS256' }],
    ['RSA that names a curve', { ...rsa, crv: 'P-256', alg: 'RS256' }],
    ['EC on P-384', jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['Ed448', jwkOf(generateKeyPairSync('ed448'))],
    ['X25519', jwkOf(generateKeyPairSync('x25519'))],
    ['EC off the curve', { ...ec, y: ec['x'] }],
    ['EC without a point', { kty: 'EC', crv: 'P-256' }],
    ['EC of numbers', { ...ec, x: 1, y: 2 }],
    ['Ed25519 of 31 bytes', { ...ed, x: Buffer.alloc(31, 1).toString('base64url') }],
    ['a list for its kind', { ...ec, kty: ['EC'] }],
    ['an inherited kind', { kty: '__proto__' }],
    ['with an empty id', { ...ec, kid: '' }],
    ['with a number for its id', { ...ec, kid: 7 }],
    ['with a line end in its id', { ...ec, kid: 'a\nb' }],
    ['with an endless id', { ...ec, kid: 'a'.repeat(129) }],
  ])('is refused: %s', (_, jwk) => {
    expect(importClientKey(jwk)).toBeNull();
  });
});

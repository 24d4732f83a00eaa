import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SigningKey } from './signing-key.js';

describe('a signing key', () => {
  it('is named by its RFC 7638 thumbprint', () => {
    // The key of RFC 7515, appendix A.3; its thumbprint as the jose package computes it.
    const key = SigningKey.of(
      createPrivateKey({
        format: 'jwk',
        key: {
          kty: 'EC',
          crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
          y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
          d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
        },
      }),
    );

    expect(key.kid).toBe('oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U');
  });

  it('is published without its private part', () => {
    const key = SigningKey.generate();

    expect(key.published).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: expect.any(String),
      y: expect.any(String),
      kid: key.kid,
      use: 'sig',
      alg: 'ES256',
    });
  });

  it('is the same key after it was stored', () => {
    const key = SigningKey.generate();
    const again = SigningKey.fromPkcs8(key.toPkcs8());

    expect(again.kid).toBe(key.kid);
    expect(again.published).toEqual(key.published);
  });

  it.each<[string, () => ReturnType<typeof createPrivateKey>]>([
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey],
    ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('is never one of %s', (_, generate) => {
    expect(() => SigningKey.of(generate())).toThrow('must be an EC key on the curve P-256');
  });
});

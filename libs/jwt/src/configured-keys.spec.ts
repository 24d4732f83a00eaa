import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ConfigError } from '#config';
import { readConfiguredKeys } from './configured-keys.js';
import { SigningKey } from './signing-key.js';

const first = SigningKey.generate();
const second = SigningKey.generate();
const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' = 'pkcs8') => key.export({ format: 'pem', type }).toString();
const ECPARAM = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
const jwk = (key: SigningKey) => key.privateKey.export({ format: 'jwk' });
const set = (...keys: unknown[]) => JSON.stringify({ keys });

const kids = (text: string) => readConfiguredKeys(text).map(({ kid }) => kid);

describe('JWT_PRIVATE_KEYS', () => {
  it.each<[string, string, string[]]>([
    ['a PEM (PKCS #8)', pem(first.privateKey), [first.kid]],
    ['a PEM (SEC 1)', pem(first.privateKey, 'sec1'), [first.kid]],
    ['what openssl ecparam writes', ECPARAM + pem(first.privateKey, 'sec1'), [first.kid]],
    ['several PEMs, in their order', pem(second.privateKey) + pem(first.privateKey), [second.kid, first.kid]],
    ['a PEM on one line, as .env files write it', pem(first.privateKey).replaceAll('\n', '\\n'), [first.kid]],
    ['a PEM with the line ends of Windows', pem(first.privateKey).replaceAll('\n', '\r\n'), [first.kid]],
    ['a JWK set, in its order', set(jwk(second), jwk(first)), [second.kid, first.kid]],
    ['a JWK set with kids of its own, which are not used', set({ ...jwk(first), kid: 'mine' }), [first.kid]],
  ])('may be %s', (_, text, expected) => {
    expect(kids(text)).toEqual(expected);
  });

  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const encrypted = first.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  const { d: _d, ...publicOnly } = jwk(first);

  it.each<[string, string, string]>([
    ['some text', 'secret-text', 'holds neither a PEM block nor a JWK set'],
    ['half a PEM', pem(first.privateKey).slice(0, 100), 'holds neither a PEM block nor a JWK set'],
    ['a PEM of noise', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'key 1 is no unencrypted private key'],
    ['an encrypted PEM', encrypted, 'key 1 is no unencrypted private key'],
    ['a public key', first.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'key 1 is no unencrypted private key'],
    ['a key on P-384', pem(first.privateKey) + pem(p384), 'key 2 must be an EC key on the curve P-256'],
    ['an RSA key', pem(rsa), 'key 1 must be an EC key on the curve P-256'],
    ['the same key twice', pem(first.privateKey) + pem(first.privateKey, 'sec1'), 'key 2 is there twice'],
    ['JSON cut short', '{"keys": [', 'is no JWK set'],
    ['an empty JWK set', set(), 'is no JWK set'],
    ['a single JWK', JSON.stringify(jwk(first)), 'is no JWK set'],
    ['a JWK without d', set(jwk(second), publicOnly), 'key 2 is no unencrypted private key'],
    ['a JWK of two halves', set({ ...jwk(first), d: jwk(second).d }), 'key 1 has a public part that does not belong'],
    ['a symmetric JWK', set({ kty: 'oct', k: 'AAAA' }), 'key 1 is no unencrypted private key'],
    ['null in a JWK set', set(null), 'key 1 is no unencrypted private key'],
  ])('may not be %s, and the fault says so', (_, text, fault) => {
    expect(() => readConfiguredKeys(text)).toThrow(ConfigError);
    expect(() => readConfiguredKeys(text)).toThrow(fault);
  });

  it('names every faulty key and shows none', () => {
    const text = pem(rsa) + pem(first.privateKey) + pem(p384);
    let message = '';
    try {
      readConfiguredKeys(text);
    } catch (error) {
      message = (error as Error).message;
    }

    expect(message).toContain('key 1 ');
    expect(message).toContain('key 3 ');
    expect(message).not.toContain('key 2 ');
    expect(text.split('\n').filter((line) => line !== '' && message.includes(line))).toEqual([]);
  });
});

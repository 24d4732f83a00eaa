import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ASSERTION_ALGORITHMS, readAssertion } from './client-assertion.js';
import { importClientKey, type RegisteredKey } from './client-key.js';
import { encode } from './testing/forgery.js';

type Sign = (input: string, by: KeyObject) => Buffer;

const SIGN: Readonly<Record<string, Sign>> = {
  ES256: (input, key) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (input, key) => sign('sha256', Buffer.from(input), key),
  PS256: (input, key) => sign('sha256', Buffer.from(input), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  EdDSA: (input, key) => sign(null, Buffer.from(input), key),
};

interface Holder {
  readonly privateKey: KeyObject;
  readonly registered: RegisteredKey;
}

function holder(alg: string, pair: { publicKey: KeyObject; privateKey: KeyObject }, kid = alg): Holder {
  const registered = importClientKey({ ...pair.publicKey.export({ format: 'jwk' }), alg, kid });
  if (registered === null) throw new Error('no key');
  return { privateKey: pair.privateKey, registered };
}

const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const holders = {
  ES256: holder('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  RS256: holder('RS256', rsaPair),
  PS256: holder('PS256', rsaPair),
  EdDSA: holder('EdDSA', generateKeyPairSync('ed25519')),
};
const all = Object.values(holders).map(({ registered }) => registered);
const { ES256: mine } = holders;

const CLAIMS = { iss: 'app_1', sub: 'app_1', aud: 'https://auth.test', exp: 1_900_000_000, jti: 'once' };

/** Right but for what is given. */
function assertion({
  header = { alg: 'ES256', kid: 'ES256' } as unknown,
  claims = CLAIMS as unknown,
  by = mine.privateKey,
  signed = SIGN['ES256'] as Sign,
} = {}): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signed(input, by).toString('base64url')}`;
}

const signerOf = (text: string, keys: readonly RegisteredKey[] = all) => readAssertion(text)?.signedBy(keys)?.kid ?? null;

describe('an assertion', () => {
  it.each(Object.entries(holders))('is proven by a registered key of %s, by its id or by trying', (alg, { privateKey }) => {
    for (const header of [{ alg, kid: alg }, { alg }, { alg, kid: alg, typ: 'JWT' }]) {
      const text = assertion({ header, by: privateKey, signed: SIGN[alg] as Sign });
      expect(readAssertion(text)?.claims).toEqual(CLAIMS);
      expect(signerOf(text)).toBe(alg);
      expect(signerOf(text, all.filter(({ kid }) => kid !== alg))).toBeNull();
    }
  });

  it('is proven by Ed25519 under either of its names', () => {
    const { privateKey, registered } = holders.EdDSA;
    for (const name of ['EdDSA', 'Ed25519']) {
      const text = assertion({ header: { alg: name }, by: privateKey, signed: SIGN['EdDSA'] as Sign });
      for (const alg of ['EdDSA', 'Ed25519']) expect(signerOf(text, [{ ...registered, alg }])).toBe('EdDSA');
    }
    expect(ASSERTION_ALGORITHMS).toEqual(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']);
  });

  it('is proven by the key that its id names, and by no other of that kind', () => {
    const [first, second] = ['first', 'second'].map((kid) => holder('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid)) as [Holder, Holder];
    const keys = [first.registered, second.registered];
    expect(signerOf(assertion({ header: { alg: 'ES256', kid: 'second' }, by: second.privateKey }), keys)).toBe('second');
    expect(signerOf(assertion({ header: { alg: 'ES256' }, by: second.privateKey }), keys)).toBe('second');
    expect(signerOf(assertion({ header: { alg: 'ES256', kid: 'first' }, by: second.privateKey }), keys)).toBeNull();
    expect(signerOf(assertion({ header: { alg: 'ES256', kid: 'third' }, by: second.privateKey }), keys)).toBeNull();
    expect(signerOf(assertion({ header: { alg: 'ES256', kid: '__proto__' }, by: second.privateKey }), keys)).toBeNull();
  });

  it('may name several audiences', () => {
    expect(readAssertion(assertion({ claims: { ...CLAIMS, aud: ['a', 'b'] } }))?.claims.aud).toEqual(['a', 'b']);
  });
});

const modulus = holders.RS256.registered['n'] ?? '';
const spki = (pair: { publicKey: KeyObject }) => pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const hmac = (secret: string) => (input: string) => createHmac('sha256', secret).update(input).digest();

describe('is proven by nobody:', () => {
  it.each<[string, Parameters<typeof assertion>[0]]>([
    ['alg none, unsigned but for a byte', { header: { alg: 'none' }, signed: () => Buffer.of(0) }],
    ['alg none with a right signature', { header: { alg: 'none' } }],
    ['HS256 keyed with the public key', { header: { alg: 'HS256', kid: 'RS256' }, signed: hmac(spki(rsaPair)) }],
    ['HS256 keyed with the modulus', { header: { alg: 'HS256', kid: 'RS256' }, signed: hmac(modulus) }],
    ['HS256 keyed with nothing', { header: { alg: 'HS256' }, signed: hmac('') }],
    ['ES256 in small letters', { header: { alg: 'es256' } }],
    ['an algorithm of Object.prototype', { header: { alg: 'constructor' } }],
    ['__proto__', { header: '{"alg":"__proto__"}' }],
    ['RS256 by the key for PS256', { header: { alg: 'RS256', kid: 'PS256' }, by: rsaPair.privateKey, signed: SIGN['RS256'] as Sign }],
    ['PKCS #1 under the name PS256', { header: { alg: 'PS256' }, by: rsaPair.privateKey, signed: SIGN['RS256'] as Sign }],
    ['PSS without salt', { header: { alg: 'PS256' }, by: rsaPair.privateKey, signed: (input, key) => sign('sha256', Buffer.from(input), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 0 }) }],
    ['a stranger’s signature', { by: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    ['a signature in DER', { signed: (input, key) => sign('sha256', Buffer.from(input), key) }],
    ['a signature of zeros', { signed: () => Buffer.alloc(64) }],
    ['a signature of 63 bytes', { signed: (input, key) => (SIGN['ES256'] as Sign)(input, key).subarray(0, 63) }],
    ['a signature of 65 bytes', { signed: (input, key) => Buffer.concat([(SIGN['ES256'] as Sign)(input, key), Buffer.of(0)]) }],
    ['a signature of one byte', { signed: () => Buffer.of(1) }],
    ['a signature over other claims', { signed: (_, key) => (SIGN['ES256'] as Sign)(`${encode({ alg: 'ES256' })}.${encode({ ...CLAIMS, sub: 'app_2' })}`, key) }],
  ])('%s', (_, parts) => {
    expect(signerOf(assertion(parts))).toBeNull();
  });

  it('a key that it brings along', () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = stranger.publicKey.export({ format: 'jwk' });
    for (const more of [{ jwk }, { jwk: { ...jwk, kid: 'ES256' } }, { jku: 'http://127.0.0.1:9/' }, { x5u: 'http://127.0.0.1:9/' }, { x5c: ['AAAA'] }]) {
      expect(signerOf(assertion({ header: { alg: 'ES256', kid: 'ES256', ...more }, by: stranger.privateKey }))).toBeNull();
      // Beside a right signature it is as if it were not there.
      expect(signerOf(assertion({ header: { alg: 'ES256', kid: 'ES256', ...more } }))).toBe('ES256');
    }
  });

  it('no registered keys', () => {
    expect(signerOf(assertion(), [])).toBeNull();
  });
});

describe('is no assertion at all:', () => {
  const [header = '', payload = '', signature = ''] = assertion().split('.');

  it.each<[string, string]>([
    ['nothing', ''],
    ['a word', 'assertion'],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${header}.${payload}.${signature}.`],
    ['five parts, as of a JWE', `${header}.a.b.${payload}.${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['padding', `${header}.${payload}.${signature}=`],
    ['a space', `${header}.${payload} .${signature}`],
    ['a line end', `${header}.${payload}.${signature}\n`],
    ['base64 that is not for URLs', `${header}.${payload}.+/+/`],
    ['more than 8 KB', assertion({ claims: { ...CLAIMS, more: 'x'.repeat(8_000) } })],
    ['crit, unknown', assertion({ header: { alg: 'ES256', crit: ['exp'] } })],
    ['crit, empty', assertion({ header: { alg: 'ES256', crit: [] } })],
    ['crit, null', assertion({ header: { alg: 'ES256', crit: null } })],
    ['b64 with its crit', assertion({ header: { alg: 'ES256', b64: false, crit: ['b64'] } })],
    ['no alg', assertion({ header: { kid: 'ES256' } })],
    ['a list of algorithms', assertion({ header: { alg: ['ES256'] } })],
    ['a list of ids', assertion({ header: { alg: 'ES256', kid: ['ES256'] } })],
    ['a header that is no object', assertion({ header: '"ES256"' })],
    ['claims that are no JSON', assertion({ claims: '{' })],
    ['claims that are a list', assertion({ claims: [CLAIMS] })],
    ['claims that are null', assertion({ claims: null })],
  ])('%s', (_, text) => {
    expect(readAssertion(text)).toBeNull();
  });

  it.each<[string, object]>([
    ['no iss', { iss: undefined }],
    ['no sub', { sub: undefined }],
    ['no aud', { aud: undefined }],
    ['no audiences', { aud: [] }],
    ['a number among the audiences', { aud: ['a', 1] }],
    ['an object for aud', { aud: { a: 1 } }],
    ['no exp', { exp: undefined }],
    ['exp as text', { exp: '1900000000' }],
    ['exp null', { exp: null }],
    ['exp beyond all time', { exp: 1e308 }],
    ['exp before all time', { exp: -1 }],
    ['iat as text', { iat: '1' }],
    ['nbf null', { nbf: null }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['an endless jti', { jti: 'x'.repeat(257) }],
    ['a number for jti', { jti: 1 }],
    ['a NUL in jti', { jti: 'a\0b' }],
    ['a NUL in sub', { iss: 'a\0b', sub: 'a\0b' }],
    ['a list for sub', { sub: ['app_1'] }],
  ])('%s', (_, changes) => {
    expect(readAssertion(assertion({ claims: { ...CLAIMS, ...changes } }))).toBeNull();
  });
});

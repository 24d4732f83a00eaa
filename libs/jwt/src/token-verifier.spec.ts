import { createHmac, createSign, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { CompactSign, createLocalJWKSet, jwtVerify } from 'jose';
import { DataSource } from 'typeorm';
import { Clock } from '#clock';
import { type Config, loadConfig } from '#config';
import { Database } from '#database';
import { DomainError } from '#domain';
import { SealedBox } from '#secrets';
import { ACCESS_LIFETIME_SECONDS, PRODUCT_ACCESS, PRODUCT_REFRESH, type ProductClaims, REFRESH_LIFETIME_SECONDS } from './product-token.js';
import { SigningKey } from './signing-key.js';
import { SigningKeyStore } from './signing-key-store.js';
import { SigningKeys } from './signing-keys.js';
import { TokenSigner } from './token-signer.js';
import { TokenVerifier } from './token-verifier.js';

class SetClock extends Clock {
  time = new Date('2030-01-01T12:00:00Z');

  override now(): Date {
    return this.time;
  }

  get seconds(): number {
    return this.time.getTime() / 1000;
  }
}

const pem = (key: SigningKey) => key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

/** A service whose keys come from JWT_PRIVATE_KEYS: no database is asked, and none is there. */
function serviceWith(...keys: SigningKey[]) {
  const config: Config = loadConfig({
    SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
    PASSWORD_PEPPER: Buffer.alloc(32, 2).toString('base64'),
    JWT_PRIVATE_KEYS: keys.map(pem).join(''),
  });
  const clock = new SetClock();
  const database = new Database(new DataSource({ type: 'postgres' }));
  const signingKeys = new SigningKeys(config, database, clock, new SigningKeyStore(database, new SealedBox(config)));
  return { clock, keys: signingKeys, signer: new TokenSigner(signingKeys), verifier: new TokenVerifier(signingKeys, config, clock) };
}

const key = SigningKey.generate();
const published = SigningKey.generate();
const stranger = SigningKey.generate();
const { clock, keys, signer, verifier } = serviceWith(key, published);
const BEGINNING = clock.time;

afterEach(() => {
  clock.time = BEGINNING;
});

function claims(changes: Partial<ProductClaims> = {}): ProductClaims {
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

const HEADER = { alg: 'ES256', typ: 'JWT', kid: key.kid };
const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const es256 = (input: string, by: SigningKey = key) => sign('sha256', Buffer.from(input), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });

/** A token made by hand: `header` and `payload` may be JSON texts, and `signature` is over whatever they are. */
function forge({
  header = HEADER as unknown,
  payload = claims() as unknown,
  signature = (input: string): Buffer => es256(input),
} = {}): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

const signedBy = (by: SigningKey) => (input: string) => es256(input, by);
const hmacBy = (secret: Buffer | string) => (input: string) => createHmac('sha256', secret).update(input).digest();
const refusal = (code: string) => ({ name: 'DomainError', code });
const refused = async (token: string, code = 'invalid_token') => expect(verifier.verify(token, PRODUCT_ACCESS)).rejects.toMatchObject(refusal(code));

describe('a token of ours', () => {
  it('is verified and says what was signed', async () => {
    expect(await verifier.verify(signer.sign(claims(), PRODUCT_ACCESS), PRODUCT_ACCESS)).toEqual(claims());
    expect(await verifier.verify(signer.sign(claims({ type: 'refresh' }), PRODUCT_REFRESH), PRODUCT_REFRESH)).toEqual(claims({ type: 'refresh' }));
  });

  it('verifies with another library through the JWK set', async () => {
    const { payload, protectedHeader } = await jwtVerify(signer.sign(claims(), PRODUCT_ACCESS), createLocalJWKSet({ keys: [...keys.jwks().keys] }), {
      algorithms: ['ES256'],
      issuer: 'kiket.dev',
      typ: 'JWT',
      currentDate: clock.now(),
    });

    expect(payload).toEqual(claims());
    expect(protectedHeader).toEqual(HEADER);
  });

  it('verifies where another library signed it with our key', async () => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(claims()))).setProtectedHeader(HEADER).sign(key.privateKey);

    expect(await verifier.verify(token, PRODUCT_ACCESS)).toEqual(claims());
  });

  it('verifies where it was made by hand, as the forgeries below are', async () => {
    expect(await verifier.verify(forge(), PRODUCT_ACCESS)).toEqual(claims());
  });

  it('verifies by a key that is published but does not sign', async () => {
    expect(await verifier.verify(forge({ header: { ...HEADER, kid: published.kid }, signature: signedBy(published) }), PRODUCT_ACCESS)).toEqual(claims());
  });

  it('may carry a claim that a newer version adds', async () => {
    expect(await verifier.verify(forge({ payload: { ...claims(), amr: ['pwd'] } }), PRODUCT_ACCESS)).toEqual(claims());
  });

  it('is expired from the second of its exp on, also where its signature is remembered', async () => {
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    clock.time = new Date(BEGINNING.getTime() + ACCESS_LIFETIME_SECONDS * 1000 - 1);
    await verifier.verify(token, PRODUCT_ACCESS);

    clock.time = new Date(BEGINNING.getTime() + ACCESS_LIFETIME_SECONDS * 1000);
    await refused(token, 'token_expired');
  });

  it('may come from a clock five seconds ahead', async () => {
    await verifier.verify(forge({ payload: claims({ iat: clock.seconds + 5 }) }), PRODUCT_ACCESS);
    await refused(forge({ payload: claims({ iat: clock.seconds + 6 }) }));
  });

  it('of the other type is refused as such, expired or not', async () => {
    const refresh = signer.sign(claims({ type: 'refresh' }), PRODUCT_REFRESH);
    await refused(refresh, 'invalid_token_type');
    await expect(verifier.verify(signer.sign(claims(), PRODUCT_ACCESS), PRODUCT_REFRESH)).rejects.toMatchObject(refusal('invalid_token_type'));

    clock.time = new Date('2031-01-01T00:00:00Z');
    await refused(refresh, 'invalid_token_type');
  });

  it('is judged by any time that the caller asks for', async () => {
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    clock.time = new Date('2031-01-01T00:00:00Z');

    expect(await verifier.genuine(token, PRODUCT_ACCESS)).toMatchObject({ sub: '7' });
  });
});

describe('the JWK set', () => {
  it('shows every key, the signing one first, and no private part', () => {
    expect(keys.jwks()).toEqual({ keys: [key.published, published.published] });
    expect(JSON.stringify(keys.jwks())).not.toContain('"d"');
  });
});

describe('an algorithm that is not ES256', () => {
  const spkiPem = key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const spkiDer = key.publicKey.export({ format: 'der', type: 'spki' });
  const point = Buffer.concat([Buffer.from(key.publicJwk.x, 'base64url'), Buffer.from(key.publicJwk.y, 'base64url')]);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const nothing = () => Buffer.alloc(0);
  const signerOf = (digest: string | null, by: KeyObject) => (input: string) => sign(digest, Buffer.from(input), { key: by, dsaEncoding: 'ieee-p1363' });

  it.each<[string, unknown, (input: string) => Buffer]>([
    ['none', 'none', nothing],
    ['None', 'None', nothing],
    ['NONE', 'NONE', nothing],
    ['none, with a signature of ours', 'none', es256],
    ['an empty name', '', es256],
    ['es256, in small letters', 'es256', es256],
    ['ES256 with a space', 'ES256 ', es256],
    ['a list with ES256', ['ES256'], es256],
    ['null', null, es256],
    ['HS256 keyed with the public key as PEM', 'HS256', hmacBy(spkiPem)],
    ['HS256 keyed with the public key as PEM, trimmed', 'HS256', hmacBy(spkiPem.trim())],
    ['HS256 keyed with the public key as DER', 'HS256', hmacBy(spkiDer)],
    ['HS256 keyed with the public key as JWK', 'HS256', hmacBy(JSON.stringify(key.publicJwk))],
    ['HS256 keyed with the published JWK', 'HS256', hmacBy(JSON.stringify(key.published))],
    ['HS256 keyed with the raw point', 'HS256', hmacBy(point)],
    ['HS256 keyed with the uncompressed point', 'HS256', hmacBy(Buffer.concat([Buffer.of(4), point]))],
    ['HS256 keyed with nothing', 'HS256', hmacBy('')],
    ['HS512', 'HS512', (input) => createHmac('sha512', spkiPem).update(input).digest()],
    ['ES384', 'ES384', signerOf('sha384', p384)],
    ['ES256K', 'ES256K', es256],
    ['RS256', 'RS256', signerOf('sha256', rsa)],
    ['PS256', 'PS256', signerOf('sha256', rsa)],
    ['EdDSA, whose signatures are as long as ours', 'EdDSA', signerOf(null, ed25519)],
  ])('is refused: %s', async (_, alg, signature) => {
    await refused(forge({ header: { ...HEADER, alg }, signature }));
  });

  it.each<[string, (input: string) => Buffer]>([
    ['of HS256', hmacBy(spkiPem)],
    ['of HS512, as long as ours', (input) => createHmac('sha512', spkiPem).update(input).digest()],
    ['of EdDSA', signerOf(null, ed25519)],
    ['of ES256 over SHA-384', (input) => sign('sha384', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })],
    ['by another key', signedBy(stranger)],
    ['by another published key', signedBy(published)],
  ])('is refused under the name ES256: a signature %s', async (_, signature) => {
    await refused(forge({ signature }));
  });

  it('is refused where alg is missing', async () => {
    await refused(forge({ header: { typ: 'JWT', kid: key.kid } }));
  });
});

describe('a header of an attacker', () => {
  const strangerJwk = stranger.published;

  it.each<[string, object]>([
    ['its own key as jwk', { jwk: strangerJwk }],
    ['its own key as jwk under our kid', { jwk: { ...strangerJwk, kid: key.kid } }],
    ['jku', { jku: 'http://127.0.0.1:9/jwks.json' }],
    ['x5u', { x5u: 'http://127.0.0.1:9/cert.pem' }],
    ['x5c', { x5c: [stranger.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] }],
    ['x5t', { x5t: 'AAAA' }],
  ])('cannot bring %s', async (_, parameter) => {
    await refused(forge({ header: { ...HEADER, ...parameter }, signature: signedBy(stranger) }));
    await refused(forge({ header: { ...HEADER, kid: stranger.kid, ...parameter }, signature: signedBy(stranger) }));
    await refused(forge({ header: { ...HEADER, ...parameter } }));
  });

  it.each<[string, object]>([
    ['crit, unknown', { crit: ['exp'] }],
    ['crit, empty', { crit: [] }],
    ['crit, naming itself', { crit: ['crit'] }],
    ['b64 false', { b64: false }],
    ['b64 false with its crit', { b64: false, crit: ['b64'] }],
    ['b64 true', { b64: true }],
    ['zip', { zip: 'DEF' }],
    ['enc', { enc: 'A256GCM' }],
    ['cty JWT', { cty: 'JWT' }],
    ['a parameter of no standard', { admin: true }],
    ['another typ', { typ: 'at+jwt' }],
    ['typ in small letters', { typ: 'jwt' }],
    ['no typ', { typ: undefined }],
    ['a list as typ', { typ: ['JWT'] }],
  ])('is refused also where our key signed it: %s', async (_, parameter) => {
    await refused(forge({ header: { ...HEADER, ...parameter } }));
  });

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['a number', 1],
    ['a list', [key.kid]],
    ['an object', { kid: key.kid }],
    ['empty', ''],
    ['of a stranger', stranger.kid],
    ['a path', '../../../../../../dev/null'],
    ['a URL', 'http://127.0.0.1:9/key'],
    ['SQL', `x' UNION SELECT 'AAAA'--`],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['with a NUL', `${key.kid}\0`],
    ['with a line end', `${key.kid}\n`],
    ['2 KB', 'A'.repeat(2048)],
    ['10 KB', 'A'.repeat(10_240)],
  ])('is refused where its kid is %s', async (_, kid) => {
    await refused(forge({ header: { ...HEADER, kid } }));
  });

  it.each<[string, unknown]>([
    ['a list', [HEADER]],
    ['null', null],
    ['a text', '"ES256"'],
    ['a number', 1],
    ['inherited', `{"__proto__":${JSON.stringify(HEADER)}}`],
  ])('is refused where it is %s', async (_, header) => {
    await refused(forge({ header }));
  });
});

describe('a signature', () => {
  const ours = (input: string) => es256(input);
  const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

  it.each<[string, (input: string) => Buffer]>([
    ['missing', () => Buffer.alloc(0)],
    ['of zeros (CVE-2022-21449)', () => Buffer.alloc(64)],
    ['with r zero', (input) => Buffer.concat([Buffer.alloc(32), ours(input).subarray(32)])],
    ['with s zero', (input) => Buffer.concat([ours(input).subarray(0, 32), Buffer.alloc(32)])],
    ['with r and s the order of the curve', () => Buffer.concat([ORDER, ORDER])],
    ['of ones', () => Buffer.alloc(64, 255)],
    ['in DER', (input) => createSign('SHA256').update(input).sign(key.privateKey)],
    ['of 63 bytes', (input) => ours(input).subarray(0, 63)],
    ['of 65 bytes', (input) => Buffer.concat([ours(input), Buffer.of(0)])],
    ['of 65 bytes, with a zero before', (input) => Buffer.concat([Buffer.of(0), ours(input)])],
    ['with r and s swapped', (input) => Buffer.concat([ours(input).subarray(32), ours(input).subarray(0, 32)])],
    ['over the payload alone', (input) => ours(input.split('.')[1] as string)],
    ['of another token', () => ours(`${encode(HEADER)}.${encode(claims({ sub: '8' }))}`)],
  ])('is refused: %s', async (_, signature) => {
    await refused(forge({ signature }));
  });

  it('is remembered for the whole token only', async () => {
    const token = forge();
    await verifier.verify(token, PRODUCT_ACCESS);
    const [header, , signature] = token.split('.');

    await refused(`${header}.${encode(claims({ sub: '8' }))}.${signature}`);
    expect(await verifier.verify(token, PRODUCT_ACCESS)).toEqual(claims());
  });
});

describe('a form', () => {
  const token = forge();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  /** The same bytes to a lax decoder: only the unused bits of the last character differ. */
  const slack = (part: string) => {
    const last = ALPHABET.indexOf(part.at(-1) as string);
    return part.slice(0, -1) + ALPHABET[last ^ 1];
  };
  /** A payload of another length, so that its last character has unused bits. */
  const slackPayload = () => {
    const parts = ['x', 'xx', 'xxx'].map((jti) => forge({ payload: claims({ jti }) }));
    const found = parts.find((text) => (text.split('.')[1] as string).length % 4 !== 0) as string;
    const [h, p, s] = found.split('.') as [string, string, string];
    return { plain: found, slacked: `${h}.${slack(p)}.${s}` };
  };

  it.each<[string, string]>([
    ['empty', ''],
    ['two dots', '..'],
    ['one part', header],
    ['two parts', `${header}.${payload}`],
    ['three parts, the last empty', `${header}.${payload}.`],
    ['three parts, the first empty', `.${payload}.${signature}`],
    ['four parts', `${token}.`],
    ['five parts, as a JWE has', `${header}.${payload}.${signature}.${payload}.${signature}`],
    ['a JWE', [encode({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid }), '', ...[12, 64, 16].map((size) => randomBytes(size).toString('base64url'))].join('.')],
    ['padded', `${header}.${payload}.${signature}==`],
    ['padded in the header', `${header}=.${payload}.${signature}`],
    ['with slack bits in the signature', `${header}.${payload}.${slack(signature)}`],
    ['in plain base64', `${header}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`],
    ['with a line end behind', `${token}\n`],
    ['with a line end before', `\n${token}`],
    ['with a space inside', `${token.slice(0, 50)} ${token.slice(50)}`],
    ['with a line end inside', `${token.slice(0, 50)}\r\n${token.slice(50)}`],
    ['with a NUL inside', `${token.slice(0, 50)}\0${token.slice(50)}`],
    ['percent-encoded', token.replaceAll('.', '%2e')],
    ['in fullwidth dots', token.replaceAll('.', '\uff0e')],
    ['with a Bearer before', `Bearer ${token}`],
    ['twice', `${token},${token}`],
    ['JSON serialized', JSON.stringify({ protected: header, payload, signature })],
    ['over 4 KB', forge({ payload: { ...claims(), pad: 'x'.repeat(4096) } })],
    ['a megabyte', 'A'.repeat(1_000_000)],
    ['a megabyte of dots', '.'.repeat(1_000_000)],
  ])('is refused: %s', async (_, text) => {
    await refused(text);
  });

  it('is refused with slack bits in the header, signed as sent', async () => {
    const spaced = ['', ' '].map((pad) => encode(JSON.stringify(HEADER) + pad));
    for (const part of spaced.filter((text) => text.length % 4 !== 0)) {
      const input = `${slack(part)}.${payload}`;
      await refused(`${input}.${es256(input).toString('base64url')}`);
    }
  });

  it('is refused with slack bits in the payload, signed as sent or not', async () => {
    const { plain, slacked } = slackPayload();
    await verifier.verify(plain, PRODUCT_ACCESS);
    await refused(slacked);

    const input = slacked.slice(0, slacked.lastIndexOf('.'));
    await refused(`${input}.${es256(input).toString('base64url')}`);
  });

  it.each<[string, (json: string) => string | Buffer]>([
    ['with white space', (json) => json.replace('{', '{ ')],
    ['with a byte order mark', (json) => `\ufeff${json}`],
    ['with a line end behind', (json) => `${json}\n`],
    ['with an escaped name', (json) => json.replace('"sub"', '"\\u0073ub"')],
    ['with bad UTF-8', (json) => Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.of(0xff), Buffer.from('"}')])],
    ['cut short', (json) => json.slice(0, -1)],
    ['followed by more', (json) => `${json}{}`],
    ['a list', (json) => `[${json}]`],
    ['null', () => 'null'],
    ['empty', () => ''],
    ['a nested token', () => JSON.stringify(forge())],
    ['a bare nested token', () => forge()],
    ['nested a thousand times', () => '['.repeat(1000) + ']'.repeat(1000)],
    ['with everything in __proto__', (json) => `{"__proto__":${json}}`],
  ])('is refused where our key signed a payload %s', async (_, change) => {
    const input = `${encode(HEADER)}.${Buffer.from(change(JSON.stringify(claims({ jti: 'xx' }))) as string).toString('base64url')}`;
    await refused(`${input}.${es256(input).toString('base64url')}`);
  });
});

describe('a name given twice', () => {
  it.each(Object.keys(claims()))('is refused in the payload: %s', async (name) => {
    const json = JSON.stringify(claims());
    const own = JSON.stringify(claims()[name as keyof ProductClaims]);

    await refused(forge({ payload: `{"${name}":${own},${json.slice(1)}` }));
    await refused(forge({ payload: `${json.slice(0, -1)},"${name}":${own}}` }));
    await refused(forge({ payload: `{"${name}":null,${json.slice(1)}` }));
  });

  it.each(Object.keys(HEADER))('is refused in the header: %s', async (name) => {
    await refused(forge({ header: `{"${name}":"none",${JSON.stringify(HEADER).slice(1)}` }));
    await refused(forge({ header: `{"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}":"none",${JSON.stringify(HEADER).slice(1)}` }));
  });
});

describe('a claim', () => {
  it.each(Object.keys(claims()))('is required: %s', async (name) => {
    await refused(forge({ payload: { ...claims(), [name]: undefined } }));
  });

  const never = [null, true, {}, [], [['x']], -1, 1.5, 1e308, '', '__proto__'];
  const wrong: Record<keyof ProductClaims, unknown[]> = {
    iss: [...never, 7, 'kiket.dev/', 'KIKET.DEV', 'https://kiket.dev', ['kiket.dev']],
    sub: [...never, 7, '0', '07', '-7', '+7', '7.0', '7e3', '0x7', ' 7', '7\n', '７', '12345678901234567', '9999999999999999', "1' OR '1'='1"],
    org: [...never, '42', 0, 2 ** 53, [42]],
    product: [...never, 7, 'A b', 'spravce gdpr', '../x', 'SPRAVCE-GDPR', ['spravce-gdpr'], 'x'.repeat(64)],
    scopes: [null, true, {}, 'issues', 7, [7], [null], [['issues']], { 0: 'issues', length: 1 }],
    type: [...never, 'Access', 'access ', 'id', ['access'], 7],
    iat: [...never, '1893499200', 2 ** 53, '1e9'],
    exp: [...never, '1893502800', 2 ** 53, '1e9'],
    jti: [null, true, {}, [], 7, '', 'x'.repeat(129)],
    sid: [...never, '9', 0, 2 ** 53, [9]],
  };

  it.each(Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const)))('%s is refused where it is %j', async (name, value) => {
    await refused(forge({ payload: { ...claims(), [name]: value } }));
  });

  it.each<[string, () => Partial<ProductClaims>]>([
    ['exp a second after the longest life of an access token', () => ({ exp: clock.seconds + ACCESS_LIFETIME_SECONDS + 1 })],
    ['exp as late as a refresh token may', () => ({ exp: clock.seconds + REFRESH_LIFETIME_SECONDS })],
    ['exp in a hundred years', () => ({ exp: clock.seconds + 3_153_600_000 })],
    ['exp at iat', () => ({ exp: clock.seconds })],
    ['exp before iat', () => ({ iat: clock.seconds, exp: clock.seconds - 1 })],
    ['iat an hour ahead', () => ({ iat: clock.seconds + 3600, exp: clock.seconds + 7200 })],
    ['iat so early that the life is too long', () => ({ iat: 0 })],
  ])('is refused: %s', async (_, changes) => {
    await refused(forge({ payload: claims(changes()) }));
  });

  it('exp of a refresh token may be 30 days after iat and no second later', async () => {
    const exp = clock.seconds + REFRESH_LIFETIME_SECONDS;
    await verifier.verify(forge({ payload: claims({ type: 'refresh', exp }) }), PRODUCT_REFRESH);

    await expect(verifier.verify(forge({ payload: claims({ type: 'refresh', exp: exp + 1 }) }), PRODUCT_REFRESH)).rejects.toMatchObject(refusal('invalid_token'));
  });

  it('is not believed before the signature: a forged expired token is invalid, not expired', async () => {
    const expired = { iat: clock.seconds - 7200, exp: clock.seconds - 3600 };
    await refused(forge({ payload: claims(expired) }), 'token_expired');
    await refused(forge({ payload: claims(expired), signature: signedBy(stranger) }), 'invalid_token');
    await refused(forge({ payload: claims({ type: 'refresh' }), signature: signedBy(stranger) }), 'invalid_token');
  });
});

describe('anything that is no text', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a list of a token', [forge()]],
    ['an object', { toString: () => forge() }],
  ])('is refused: %s', async (_, token) => {
    await refused(token as string);
  });
});

describe('a valid token', () => {
  /** A small generator with a seed, so that a failure can be repeated (mulberry32). */
  function randomness(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
  }

  it('does not survive any of 20,000 random mutations', async () => {
    const pick = randomness(20_300_101);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é\ud800';
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    await verifier.verify(token, PRODUCT_ACCESS);
    const mutations: ((text: string, index: number) => string)[] = [
      (text, index) => text.slice(0, index) + characters[pick(characters.length)] + text.slice(index + 1),
      (text, index) => text.slice(0, index) + characters[pick(characters.length)] + text.slice(index),
      (text, index) => text.slice(0, index) + text.slice(index + 1),
      (text, index) => text.slice(0, index) + text.slice(index + 1 + pick(20)),
      (text, index) => text.slice(0, index),
      (text, index) => text.slice(index) + text.slice(0, index),
      (text, index) => text.slice(0, index) + (text[index + 1] ?? '') + (text[index] ?? '') + text.slice(index + 2),
      (text, index) => text.slice(0, index) + text.slice(index, index + pick(20)) + text.slice(index),
    ];
    const survivors: string[] = [];
    const errors: unknown[] = [];
    for (let count = 0; count < 20_000; count += 1) {
      const mutate = mutations[pick(mutations.length)] as (text: string, index: number) => string;
      let mutant = mutate(token, pick(token.length));
      if (pick(4) === 0) mutant = mutate(mutant, pick(token.length));
      if (mutant === token) continue;
      try {
        await verifier.verify(mutant, PRODUCT_ACCESS);
        survivors.push(mutant);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'invalid_token') errors.push(error);
      }
    }

    expect(survivors).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('leaves Object.prototype as it was', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { sub?: unknown }).sub).toBeUndefined();
  });
});

import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { PRODUCT_ACCESS } from './product-token.js';
import {
  claims,
  encode,
  es256,
  forge,
  HEADER,
  key,
  published,
  refused,
  signedBy,
  stranger,
  verifier,
} from './testing/forgery.js';

const hmacBy = (secret: Buffer | string) => (input: string) => createHmac('sha256', secret).update(input).digest();

describe('an algorithm that is not ES256', () => {
  const spkiPem = key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const spkiDer = key.publicKey.export({ format: 'der', type: 'spki' });
  const point = Buffer.concat([Buffer.from(key.publicJwk.x, 'base64url'), Buffer.from(key.publicJwk.y, 'base64url')]);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const nothing = () => Buffer.alloc(0);
  const signerOf = (digest: string | null, by: KeyObject) => (input: string) =>
    sign(digest, Buffer.from(input), { key: by, dsaEncoding: 'ieee-p1363' });

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
    ['of ES256 over SHA-384', signerOf('sha384', key.privateKey)],
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

import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readStatement, signStatement, type StatementJwk, statementKeys } from './statement.js';

const TYP = 'thing+jwt';
const CLAIMS = { said: 'so' };

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one' } as unknown as StatementJwk;
const keys = statementKeys([jwk]);
const signer = { kid: 'one', privateKey: pair.privateKey };
const genuine = signStatement(TYP, CLAIMS, signer);
const [header, payload, signature] = genuine.split('.') as [string, string, string];

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Truly signed by our key, under another header. */
const under = (head: object): string => {
  const input = `${encoded(head)}.${payload}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
const hmac = (key: string): string => {
  const input = `${encoded({ alg: 'HS256', typ: TYP, kid: 'one' })}.${payload}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};

it('is read as it was signed', () => {
  expect(readStatement(genuine, TYP, keys)).toEqual(CLAIMS);
  expect(readStatement(under({ alg: 'ES256', typ: TYP, kid: 'one' }), TYP, keys)).toEqual(CLAIMS);
});

it.each<[string, string]>([
  ['of another typ', signStatement('JWT', CLAIMS, signer)],
  ['by a key that is not published', signStatement(TYP, CLAIMS, { ...signer, kid: 'two' })],
  ['by another key under the same id', signStatement(TYP, CLAIMS, { kid: 'one', privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey })],
  ['without a typ', under({ alg: 'ES256', kid: 'one' })],
  ['of another algorithm', under({ alg: 'ES384', typ: TYP, kid: 'one' })],
  ['without a signature', `${header}.${payload}.`],
  ['that says it needs none', `${encoded({ alg: 'none', typ: TYP, kid: 'one' })}.${payload}.`],
  ['keyed with the public key', hmac(JSON.stringify(jwk))],
  ['with a key of its own', under({ alg: 'ES256', typ: TYP, kid: 'one', jwk })],
  ['with a critical extension', under({ alg: 'ES256', typ: TYP, kid: 'one', crit: ['x'], x: 1 })],
  ['with other claims', `${header}.${encoded({ said: 'otherwise' })}.${signature}`],
  ['of four parts', `${genuine}.x`],
  ['of two parts', `${header}.${payload}`],
  ['of nothing', ''],
  ['whose header is no JSON', `x.${payload}.${signature}`],
])('a statement %s is none of ours', (_, jws) => {
  expect(readStatement(jws, TYP, keys)).toBeUndefined();
});

import { randomBytes } from 'node:crypto';
import { PRODUCT_ACCESS, type ProductClaims } from './product-token.js';
import { claims, encode, es256, forge, HEADER, key, refused, verifier } from './testing/forgery.js';

describe('a form', () => {
  const token = forge();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const noise = (bytes: number) => randomBytes(bytes).toString('base64url');
  const jwe = [encode({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid }), '', noise(12), noise(64), noise(16)].join('.');
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
    ['a JWE', jwe],
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

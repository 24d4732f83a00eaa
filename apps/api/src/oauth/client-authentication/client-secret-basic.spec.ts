import { Secrets } from '#secrets';
import type { ReadClient } from '../storage/client-reader.js';
import { ClientSecretBasic } from './client-secret-basic.js';

const secrets = new Secrets();
const method = new ClientSecretBasic(secrets);
const NOW = new Date('2030-01-01T12:00:00Z');

const request = (pair: string | Buffer, form: Record<string, string> = {}) => ({ headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form, ip: '203.0.113.1' });
const clientWith = (secret: string, expires_at: string | null = null): ReadClient => ({ secrets: [{ id: 7, digest: secrets.digest(secret).toString('hex'), expires_at }] }) as unknown as ReadClient;

/** RFC 6749 §2.3.1 and appendix B: each half encoded as in a form, then joined by a colon. */
const AWKWARD: readonly (readonly [string, string])[] = [
  ['a:b', 'a%3Ab'],
  ['100%', '100%25'],
  ['a+b', 'a%2Bb'],
  ['a b', 'a+b'],
  ['a b', 'a%20b'],
  ['é', '%C3%A9'],
  ['é', '%c3%a9'],
  ['\u{1f511}', '%F0%9F%94%91'],
  ['a&b=c/d~"\\', 'a%26b%3Dc%2Fd~%22%5C'],
  ['plain', 'plain'],
  ['plain', '%70lain'],
];

describe('HTTP Basic', () => {
  it.each(AWKWARD)('means the client %j by %s', (meant, encoded) => {
    expect(method.claim(request(`${encoded}:x`)).clientId).toBe(meant);
    expect(method.claim(request(`${encoded}:x`, { client_id: meant })).clientId).toBe(meant);
  });

  it.each(AWKWARD)('means the secret %j by %s', async (meant, encoded) => {
    const { prove } = method.claim(request(`app:${encoded}`));
    expect(await prove(clientWith(meant), NOW)).toBe('secret:7');
    expect(await prove(clientWith(`${meant}x`), NOW)).toBeNull();
  });

  it('takes the first colon for the one between them', async () => {
    const { clientId, prove } = method.claim(request('app:a:b:c'));
    expect([clientId, await prove(clientWith('a:b:c'), NOW)]).toEqual(['app', 'secret:7']);
  });

  it('takes an empty secret for a wrong one', async () => {
    expect(await method.claim(request('app:')).prove(clientWith('x'), NOW)).toBeNull();
  });

  it.each<[string, string | Buffer]>([
    ['no colon', 'app'],
    ['nothing before it', ':x'],
    ['%zz', 'app:%zz'],
    ['an open %', '%4:x'],
    ['encoded bytes that are no UTF-8', 'app:%c3%28'],
    ['an encoded NUL', 'app%00:x'],
    ['a NUL', 'app\0:x'],
  ])('is malformed by %s', (_, pair) => {
    expect(() => method.claim(request(pair))).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
  });

  it('asks about no client that a secret of the wrong form or checksum could prove', () => {
    const { plaintext } = secrets.generate('kcs_');
    const wrong = [plaintext.slice(0, -1), plaintext.replace(/.$/, (end) => (end === '0' ? '1' : '0')), plaintext.replace('kcs_', 'wksp_'), secrets.generate('wksp_').plaintext, 'x'];
    expect([plaintext, ...wrong].map((secret) => method.claim(request(`app:${secret}`)).isPlausible)).toEqual([true, ...wrong.map(() => false)]);
  });

  it('is proven by a secret until that ends', async () => {
    const { prove } = method.claim(request('app:x'));
    expect(await prove(clientWith('x', '2030-01-01T12:00:00.001+00:00'), NOW)).toBe('secret:7');
    expect(await prove(clientWith('x', '2030-01-01T12:00:00+00:00'), NOW)).toBeNull();
  });
});

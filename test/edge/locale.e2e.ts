import { readdirSync, readFileSync } from 'node:fs';
import { Translator } from '#locale';
import type { Answer, Client } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';

type Locale = 'cs' | 'de' | 'en';

let world: World;
/** Of a Czech product, reads German. */
let german: Person;
beforeAll(async () => {
  world = await World.start();
  german = await world.register();
  await german.client.put('/auth/me', { locale: 'de' });
});
afterAll(async () => {
  await world.stop();
});

/** One refusal at each stage that a request passes, each with its code. */
const STAGES: readonly [string, string, (client: Client, query: string) => Promise<Answer>][] = [
  ['the query', 'malformed_request', (client, query) => client.get(`/api/v1/health?x=1&x=2${query}`)],
  ['the body', 'malformed_request', (client, query) => client.put(`/api/v1/auth/reset_password?y=1${query}`, '{')],
  ['the router', 'not_found', (client, query) => client.get(`/api/v1/nowhere?y=1${query}`)],
  ['the guard', 'invalid_token', (client, query) => client.with({ authorization: 'Bearer x' }).get(`/api/v1/auth/me?y=1${query}`)],
  ['validation', 'validation_error', (client, query) => client.post(`/api/v1/auth/refresh?y=1${query}`, {})],
  ['the service', 'invalid_reset_token', (client, query) => client.put(`/api/v1/auth/reset_password?y=1${query}`, { token: 'x', password: PASSWORD })],
];

/** The same for a caller who is known by then. */
const KNOWN: typeof STAGES = [
  ['the query', 'malformed_request', (client, query) => client.get(`/api/v1/auth/me?x=1&x=2${query}`)],
  ['the body', 'malformed_request', (client, query) => client.put(`/api/v1/auth/me?y=1${query}`, '{')],
  ['the parameters', 'validation_error', (client, query) => client.get(`/api/v1/auth/sessions?page=x${query}`)],
  ['validation', 'validation_error', (client, query) => client.put(`/api/v1/auth/me?y=1${query}`, { locale: 'x' })],
  ['the service', 'not_found', (client, query) => client.delete(`/api/v1/auth/sessions/999999?y=1${query}`)],
  ['the right to it', 'forbidden', (client, query) => client.post(`/api/v1/users?y=1${query}`, {})],
];

const saysIn = ({ body, headers }: Answer, locale: Locale, code: string) => {
  const said = world.instance.app.get(Translator, { strict: false }).sentence(locale, `errors.${code}` as never);
  expect([body.error, body.message, headers.get('content-language')]).toEqual([code, said, locale]);
};
const accepting = (client: Client, language: string) => client.with({ 'accept-language': language });

describe.each(STAGES)('a refusal by %s', (_, code, send) => {
  it('speaks the language of ?locale=, before that of Accept-Language, before the product’s, before English', async () => {
    const [czech, germanProduct] = [world.stranger.product('spravce-gdpr'), world.stranger.product('kanzlei')];
    saysIn(await send(accepting(czech, 'en'), '&locale=de'), 'de', code);
    saysIn(await send(accepting(czech, 'de'), ''), 'de', code);
    saysIn(await send(accepting(germanProduct, 'en'), ''), 'en', code);
    saysIn(await send(czech, ''), 'cs', code);
    saysIn(await send(germanProduct, ''), 'de', code);
    saysIn(await send(world.stranger.with({ origin: 'https://kanzlei.example' }), ''), 'de', code);
    saysIn(await send(world.stranger, ''), 'en', code);
    saysIn(await send(world.stranger.product('no-such-product'), ''), 'en', code);
  });
});

describe.each(KNOWN)('a refusal by %s', (_, code, send) => {
  it('speaks the user’s own language before the product’s, and the request’s before both', async () => {
    const viewer = await world.member(german, 'viewer');
    await viewer.client.put('/auth/me', { locale: 'de' });
    const client = world.stranger.product('spravce-gdpr').bearer(viewer.accessToken);
    saysIn(await send(client, ''), 'de', code);
    saysIn(await send(accepting(client, 'en'), ''), 'en', code);
    saysIn(await send(accepting(client, 'en'), '&locale=cs'), 'cs', code);
    saysIn(await send(accepting(client, 'fr'), '&locale=fr'), 'de', code);
  });
});

describe('the language', () => {
  it.each<[string, Locale]>([
    ['cs', 'cs'],
    ['CS', 'cs'],
    ['cs-CZ', 'cs'],
    ['cs-CZ,cs;q=0.9,en;q=0.8', 'cs'],
    ['de-AT;q=0.5, en;q=0.4', 'de'],
    ['en;q=0.4, cs;q=0.9, de;q=0.8', 'cs'],
    ['en;q=0.8,de', 'de'],
    ['cs;q=0, de;q=0.1', 'de'],
    ['fr, sk;q=0.9, cs;q=0.3', 'cs'],
    ['fr-CH, fr;q=0.9, *;q=0.1', 'de'],
    ['*', 'de'],
    ['', 'de'],
    ['fr', 'de'],
    ['csx', 'de'],
    ['cs;q=2', 'de'],
    ['../cs', 'de'],
    ['../../../../etc/passwd', 'de'],
    ['__proto__', 'de'],
    ['constructor;q=1', 'de'],
    ['cs_CZ', 'de'],
    [';;;,,,', 'de'],
    [`${Array.from({ length: 1_500 }, (_, index) => `x${index}`).join(',')},cs`, 'de'],
  ])('of Accept-Language %j on a German product is %s', async (header, locale) => {
    saysIn(await accepting(world.stranger.product('kanzlei'), header).get('/api/v1/auth/me'), locale, 'authorization_required');
  });

  it.each<[string, Locale]>([
    ['cs', 'cs'],
    ['cs-CZ', 'cs'],
    ['EN', 'en'],
    ['', 'de'],
    ['fr', 'de'],
    ['xx', 'de'],
    ['../', 'de'],
    ['..%2F..%2Fetc%2Fpasswd', 'de'],
    ['__proto__', 'de'],
    ['constructor', 'de'],
    ['toString', 'de'],
    ['cs,en', 'de'],
    ['cs;q=1', 'de'],
    ['c%73', 'cs'],
    ['%3Cscript%3E', 'de'],
    ['cs%0d%0aSet-Cookie:x', 'de'],
  ])('of ?locale=%s on a German product is %s', async (locale, expected) => {
    saysIn(await world.stranger.product('kanzlei').get(`/api/v1/auth/me?locale=${locale}`), expected, 'authorization_required');
  });

  it('is told of what succeeds, too', async () => {
    expect((await german.client.get('/auth/me')).headers.get('content-language')).toBe('de');
    expect((await german.client.get('/auth/me?locale=en')).headers.get('content-language')).toBe('en');
    expect((await accepting(world.visitor, 'cs').get('/health')).headers.get('content-language')).toBe('cs');
    expect((await german.client.post('/auth/refresh', { refresh_token: german.refreshToken })).headers.get('content-language')).toBe('cs');
  });

  it('of each field’s fault is that of the sentence above it', async () => {
    const { body } = await world.visitor.post('/auth/register?locale=cs', { email: world.freshEmail(), password: 'x', name: '', organization_name: 'Acme' });
    expect(body.errors).toEqual({ name: ['Vyplňte prosím tento údaj.'] });
    const weak = await world.visitor.post('/auth/register?locale=cs', { email: world.freshEmail(), password: 'abc', name: 'X', organization_name: 'Acme' });
    expect(weak.body.errors.password).toContain('Zadejte prosím alespoň 8 znaků.');
  });
});

describe('a catalog', () => {
  it.each(['cs', 'de', 'en'])('in %s never names the house behind the products', (locale) => {
    const folder = `libs/locale/src/catalog/${locale}`;
    for (const file of readdirSync(folder)) expect(readFileSync(`${folder}/${file}`, 'utf8')).not.toMatch(/kiket/i);
  });
});

describe('no answer to a customer of another product', () => {
  it('names the house behind it', async () => {
    for (const locale of ['cs', 'de', 'en']) {
      for (const [, , send] of [...STAGES, ...KNOWN]) {
        const { body } = await send(world.stranger.product('kanzlei'), `&locale=${locale}`);
        expect(JSON.stringify(body)).not.toMatch(/kiket/i);
      }
    }
  });
});

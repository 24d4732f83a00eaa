import { PASSWORD, World } from '../support/world.js';

const ALLOWED = 'https://app.spravce-gdpr.cz';
const OTHERS = 'https://kanzlei.example';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const from = (origin: string) => world.stranger.with({ origin });
const preflight = (origin: string, method = 'PUT') =>
  from(origin).with({ 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type,x-product-slug' }).send('OPTIONS', '/api/v1/auth/me');
const names = (list: string | null) => (list ?? '').toLowerCase().split(',').map((name) => name.trim());

/** Spelt much like an allowed one, and none. */
const FOREIGN = [
  'https://evil.example', 'http://app.spravce-gdpr.cz', 'https://app.spravce-gdpr.cz:8443', 'https://app.spravce-gdpr.cz/', 'https://app.spravce-gdpr.cz.evil.example',
  'https://evilapp.spravce-gdpr.cz', 'https://spravce-gdpr.cz', 'HTTPS://APP.SPRAVCE-GDPR.CZ', 'https://app.spravce-gdpr.cz@evil.example', 'null', '*', '', 'https://retired.example', '__proto__', "https://x' OR '1'='1",
];

describe('an origin of a product', () => {
  it('may ask beforehand', async () => {
    for (const origin of [ALLOWED, OTHERS]) {
      const { status, headers } = await preflight(origin);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin]);
      expect(names(headers.get('access-control-allow-methods'))).toEqual(expect.arrayContaining(['get', 'post', 'put', 'patch', 'delete']));
      expect(names(headers.get('access-control-allow-headers'))).toEqual(expect.arrayContaining(['authorization', 'content-type', 'x-product-slug']));
      expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it.each<[string, () => ReturnType<ReturnType<typeof from>['get']>, number]>([
    ['what succeeds', () => from(ALLOWED).get('/api/v1/health'), 200],
    ['a malformed body', () => from(ALLOWED).post('/api/v1/auth/login', '{'), 400],
    ['a missing credential', () => from(ALLOWED).get('/api/v1/auth/me'), 401],
    ['an unknown path', () => from(ALLOWED).get('/nowhere'), 404],
    ['a form', () => from(ALLOWED).with({ 'content-type': 'text/plain' }).post('/api/v1/auth/login', 'x'), 415],
    ['a faulty field', () => from(ALLOWED).post('/api/v1/auth/login', {}), 422],
  ])('may read the answer to %s, and the headers that are for it', async (_, send, expected) => {
    const { status, headers } = await send();
    expect([status, headers.get('access-control-allow-origin')]).toEqual([expected, ALLOWED]);
    expect(names(headers.get('access-control-expose-headers')).sort()).toEqual(
      ['content-language', 'retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id', 'x-token-expires-at'],
    );
    expect(names(headers.get('vary'))).toContain('origin');
  });

  it('says for which product a request is', async () => {
    const { status, body } = await from(ALLOWED).post('/api/v1/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'Jan Novak', organization_name: 'Acme' });
    expect(status).toBe(201);
    const me = await world.stranger.product('spravce-gdpr').bearer(body.access_token).get('/api/v1/auth/me');
    expect(me.status).toBe(200);
    expect((await world.stranger.product('kanzlei').bearer(body.access_token).get('/api/v1/auth/me')).status).toBe(401);
  });

  it('says it only where no slug does', async () => {
    const registration = () => ({ email: world.freshEmail(), password: PASSWORD, name: 'Jan Novak', organization_name: 'Acme' });
    const { body } = await from(ALLOWED).product('kanzlei').post('/api/v1/auth/register', registration());
    expect((await world.stranger.product('kanzlei').bearer(body.access_token).get('/api/v1/auth/me')).status).toBe(200);
    for (const slug of ['no-such-product', 'retired', '', '__proto__']) {
      const refused = await from(ALLOWED).product(slug).post('/api/v1/auth/register', registration());
      expect([refused.status, refused.body.error]).toEqual([400, 'unknown_product']);
    }
  });
});

describe('an origin of nobody', () => {
  it.each(FOREIGN)('may neither ask beforehand nor read an answer: %j', async (origin) => {
    const asked = await preflight(origin);
    const answered = [asked, await from(origin).get('/api/v1/health'), await from(origin).get('/api/v1/auth/me'), await from(origin).get('/.well-known/jwks.json')];
    expect(asked.status).toBe(405);
    for (const { headers } of answered) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-allow'))).toEqual([]);
      expect(names(headers.get('vary'))).toContain('origin');
    }
  });

  it.each(FOREIGN)('names no product: %j', async (origin) => {
    for (const path of ['/api/v1/auth/register', '/api/v1/auth/login']) {
      const { status, body } = await from(origin).post(path, { email: world.freshEmail(), password: PASSWORD, name: 'X', organization_name: 'X' });
      expect([status, body.error]).toEqual([400, 'product_required']);
    }
  });
});

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, jwtVerify, SignJWT } from 'jose';
import { SigningKeys } from '#jwt';
import { type Person, PRODUCT, RESOURCE_METADATA, World } from '../support/world.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const base64url = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const jwks = () => createRemoteJWKSet(new URL(`${world.instance.base}/.well-known/jwks.json`));
const verdict = async (token: string) => {
  const { status, body } = await world.visitor.bearer(token).get('/auth/me');
  return [status, body.error];
};

describe('a product’s access token', () => {
  it('verifies with another library through the published keys, with the documented claims', async () => {
    const { payload, protectedHeader } = await jwtVerify(person.accessToken, jwks(), { issuer: 'kiket.dev', algorithms: ['ES256'] });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(payload).toEqual({
      iss: 'kiket.dev',
      sub: String(person.id),
      org: person.organizationId,
      product: PRODUCT,
      scopes: ['issues', 'projects', 'comments', 'workflows', 'users', 'notifications', 'admin'],
      type: 'access',
      sid: expect.any(Number),
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 3_600,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(Math.abs((payload.iat ?? 0) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('comes with a refresh token of 30 days and of the same session', async () => {
    const { payload } = await jwtVerify(person.refreshToken, jwks(), { issuer: 'kiket.dev' });
    expect(payload).toMatchObject({ type: 'refresh', sub: String(person.id), org: person.organizationId, product: PRODUCT, exp: (payload.iat ?? 0) + 2_592_000 });
    const access = decodeJwt(person.accessToken);
    expect([payload['sid'], payload.jti === access.jti]).toEqual([access['sid'], false]);
  });

  it('carries what the plan and the role open, and no more', async () => {
    const owner = await world.register({ product: 'kanzlei' });
    expect(decodeJwt(owner.accessToken)['scopes']).toEqual(['issues', 'comments:read', 'admin']);
    const lapsed = await world.register({ product: 'paid-only' });
    expect(decodeJwt(lapsed.accessToken)['scopes']).toEqual([]);
    const [member, viewer] = [await world.member(person), await world.member(person, 'viewer')];
    expect(decodeJwt(member.accessToken)['scopes']).toEqual(['issues', 'projects', 'comments', 'workflows', 'users', 'notifications']);
    expect(decodeJwt(viewer.accessToken)['scopes']).toEqual(['issues:read', 'projects:read', 'comments:read', 'workflows:read', 'users:read', 'notifications:read']);
  });

  it('has an id that no other token has', async () => {
    const tokens: Person[] = [];
    for (let time = 0; time < 10; time += 1) tokens.push(await world.login(person.email));
    const ids = tokens.flatMap(({ accessToken, refreshToken }) => [decodeJwt(accessToken).jti, decodeJwt(refreshToken).jti]);
    expect(new Set(ids).size).toBe(20);
  });
});

describe('the published keys', () => {
  it('are public, of ES256, for signatures, and may be kept for an hour', async () => {
    const { body, headers } = await world.stranger.get('/.well-known/jwks.json');
    expect(body).toEqual({ keys: [{ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), use: 'sig', alg: 'ES256', kid: expect.any(String) }] });
    expect(decodeProtectedHeader(person.accessToken).kid).toBe(body.keys[0].kid);
    expect(headers.get('cache-control')).toBe('public, max-age=3500');
    expect(headers.get('vary')).toContain('Origin');
  });
});

describe('a token of somebody else’s making', () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const es256 = (input: string, key: KeyObject) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  let header: Record<string, unknown>;
  let claims: Record<string, unknown>;
  let ours: KeyObject;
  beforeAll(async () => {
    const fresh = await world.login(person.email);
    header = { ...decodeProtectedHeader(fresh.accessToken) };
    claims = { ...decodeJwt(fresh.accessToken) };
    ours = world.instance.app.get(SigningKeys).signer().privateKey;
  });
  const made = (head: object, body: object, key = ours) => {
    const input = `${base64url(head)}.${base64url(body)}`;
    return `${input}.${es256(input, key)}`;
  };

  it('passes where our own key made it of our own claims, as the forgeries below are made', async () => {
    expect(await verdict(made(header, claims))).toEqual([200, undefined]);
  });

  it('is refused by another key under our kid, however it is made', async () => {
    const forged = await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(stranger.privateKey);
    const jwk = stranger.publicKey.export({ format: 'jwk' });
    for (const head of [header, { ...header, jwk }, { ...header, jku: `${world.instance.base}/.well-known/jwks.json` }, { ...header, kid: 'x'.repeat(43) }]) {
      expect(await verdict(made(head, claims, stranger.privateKey))).toEqual([401, 'invalid_token']);
    }
    expect(await verdict(forged)).toEqual([401, 'invalid_token']);
  });

  it('is refused without a signature, and with one keyed by what everybody may read', async () => {
    const published = (await world.stranger.get('/.well-known/jwks.json')).body.keys[0];
    const pem = await exportSPKI((await importJWK(published)) as never);
    for (const alg of ['none', 'None', 'HS256']) {
      const input = `${base64url({ ...header, alg })}.${base64url(claims)}`;
      const keyed = createHmac('sha256', pem).update(input).digest('base64url');
      for (const signature of ['', keyed]) expect(await verdict(`${input}.${signature}`)).toEqual([401, 'invalid_token']);
    }
  });

  it.each<[string, (now: number) => object]>([
    ['a life longer than its type’s', (now) => ({ iat: now, exp: now + 3_601 })],
    ['no end', () => ({ exp: undefined })],
    ['an end in words', (now) => ({ exp: String(now + 60) })],
    ['a beginning in an hour', (now) => ({ iat: now + 3_600, exp: now + 7_200 })],
    ['another issuer', () => ({ iss: 'https://kiket.dev' })],
    ['a user in digits', () => ({ sub: person.id })],
    ['an organization in words', () => ({ org: String(person.organizationId) })],
    ['another organization', () => ({ org: person.organizationId + 1 })],
    ['another user', () => ({ sub: String(person.id + 1) })],
    ['another product', () => ({ product: 'kanzlei' })],
    ['no session', () => ({ sid: undefined })],
    ['a session that never was', () => ({ sid: 999_999_999 })],
    ['scopes in one text', () => ({ scopes: 'admin' })],
    ['no type', () => ({ type: undefined })],
  ])('is refused with %s, though our key signed it', async (_, change) => {
    const now = Math.floor(world.clock.now().getTime() / 1_000);
    const { status, body } = await world.visitor.with({ 'x-product-slug': PRODUCT }).bearer(made(header, { ...claims, ...change(now) })).get('/auth/me');
    expect([status, body.error]).toEqual([401, 'invalid_token']);
  });

  it('cannot widen what the session’s role opens', async () => {
    const viewer = await world.member(person, 'viewer');
    const grasping = made(decodeProtectedHeader(viewer.accessToken), { ...decodeJwt(viewer.accessToken), scopes: ['admin', 'issues'] });
    expect((await world.visitor.bearer(grasping).post('/users', { user: { email: world.freshEmail(), name: 'X', role: 'admin' } })).status).toBe(403);
    expect((await world.visitor.bearer(grasping).get('/auth/me')).body.scopes).toEqual(['issues:read']);
  });
});

// Last, since it takes the clock of this world with it.
describe('with time', () => {
  it('an access token expires after an hour, and its refresh token after 30 days', async () => {
    const { client, refreshToken } = await world.clock.standing(async () => {
      const registered = await world.register();
      world.clock.advance({ minutes: 59, seconds: 59 });
      expect((await registered.client.get('/auth/me')).status).toBe(200);
      return registered;
    });
    world.clock.advance({ seconds: 1 });
    const { status, body, headers } = await client.get('/auth/me');
    expect([status, body.error]).toEqual([401, 'token_expired']);
    expect(headers.get('www-authenticate')).toBe(`Bearer realm="kiket", error="invalid_token", error_description="token_expired"${RESOURCE_METADATA}`);
    world.clock.advance({ days: 30 });
    expect((await world.visitor.post('/auth/refresh', { refresh_token: refreshToken })).body.error).toBe('token_expired');
  });
});

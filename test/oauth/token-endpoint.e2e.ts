import { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { type Instance, type Person, World } from '../support/world.js';
import { accessToken, application, basic as basicOf, endpoint, type Registered } from './application.js';

const basic = (clientId: string, secret: string) => basicOf({ clientId, secret });
const GRANT = { grant_type: 'client_credentials' };

let world: World;
let other: Instance;
let admin: Person;
let app: Registered;
beforeAll(async () => {
  world = await World.start({ env: { RATE_LIMITS: 'on', RATE_LIMIT_CLIENT_GUESSES: '20', RATE_LIMIT_UNAUTHENTICATED: '5000', TRUST_PROXY: '127.0.0.1' } });
  other = await world.anotherInstance();
  admin = await world.register();
  app = await application(admin);
});
afterAll(async () => {
  await world.stop();
});

const addresses = { next: 0 };
/** Each from an address of its own, so that no guess counts against the next. */
const from = () => ({ 'x-forwarded-for': `10.1.${(addresses.next += 1) >> 8}.${addresses.next & 255}` });
const token = async (form: string | Record<string, string>, headers: Record<string, string> = {}) => endpoint(world, 'token')(form, { ...from(), ...headers });

describe('a token', () => {
  it('is an ES256 at+jwt with exactly these claims, and verifies with the published keys', async () => {
    const { status, headers, body } = await token(GRANT, basic(app.clientId, app.secret));
    expect([status, headers.get('cache-control'), headers.get('pragma')]).toEqual([200, 'no-store', 'no-cache']);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600, scope: 'issues projects:read' });
    const jwt = body['access_token'] ?? '';
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    const claims = decodeJwt(jwt);
    expect(claims).toEqual({
      iss: 'https://auth.test', sub: app.clientId, client_id: app.clientId, aud: 'https://auth.test', org: admin.organizationId, product: 'spravce-gdpr',
      scope: 'issues projects:read', scopes: ['issues', 'projects:read'], iat: expect.any(Number), exp: (claims.iat ?? 0) + 3600, jti: expect.any(String),
      client_credential: `secret:${app.secretId}`,
    });
    const keys = createRemoteJWKSet(new URL('https://auth.test/.well-known/jwks.json'), { [customFetch]: async (url, options) => fetch(url.replace('https://auth.test', world.instance.base), options) });
    await expect(jwtVerify(jwt, keys, { issuer: 'https://auth.test', audience: 'https://auth.test', typ: 'at+jwt' })).resolves.toBeDefined();
  });

  it('lives as long as the application says', async () => {
    const short = await application(admin, { access_token_ttl: 60 });
    const { body } = await token(GRANT, basic(short.clientId, short.secret));
    expect(body['expires_in']).toBe(60);
    for (const ttl of [59, 3601, 0, 'x', 1.5]) expect((await admin.client.post('/oauth_applications', { oauth_application: { name: 'X', access_token_ttl: ttl } })).status).toBe(422);
  });

  it('carries the scopes that were asked for, in their usual spelling, and opens no others', async () => {
    const { token: jwt, client } = await accessToken(world, app, 'read:issues');
    expect(decodeJwt(jwt)['scope']).toBe('issues:read');
    expect((await client.get('/issues')).status).toBe(200);
    expect((await client.get('/projects')).body).toMatchObject({ error: 'insufficient_scope', required_scopes: ['projects:read'] });
    expect((await client.post('/issues', {})).status).toBe(403);
  });

  it('loses at once what its application loses, and gains nothing from what it gains', async () => {
    const own = await application(admin, { scopes: ['issues', 'projects'] });
    const { client } = await accessToken(world, own);
    await admin.client.patch(`/oauth_applications/${own.id}`, { oauth_application: { scopes: ['issues'] } });
    expect((await client.get('/projects')).body.error).toBe('insufficient_scope');
    await admin.client.patch(`/oauth_applications/${own.id}`, { oauth_application: { scopes: ['issues', 'comments'] } });
    expect((await client.get('/me')).body.scopes).toEqual(['issues']);
  });

  it('is nobody’s session, issues no workspace tokens, and writes under its application’s name', async () => {
    const own = await application(admin, { name: 'Robot', scopes: ['issues', 'projects', 'comments', 'admin'] });
    const { client } = await accessToken(world, own);
    expect((await client.get('/auth/me')).body.error).toBe('forbidden');
    expect((await client.post('/workspace_api_tokens', { name: 'X', scopes: ['issues'] })).body.error).toBe('forbidden');
    const project = (await client.post('/projects', { project: { name: 'P', project_key: 'ROB' } })).body.id;
    const issue = (await client.post('/issues', { issue: { project_id: project, title: 'T' } })).body.id;
    const { author } = (await client.post(`/issues/${issue}/comments`, { comment: { body: 'B' } })).body;
    expect(author.name).toBe('Robot');
    const members = (await admin.client.get('/users')).body;
    expect(members.users.map(({ name }: { name: string }) => name)).not.toContain('Robot');
    expect((await client.get('/users/current')).body).toMatchObject({ id: author.id, name: 'Robot', role: null });
    expect((await client.get('/me')).body.credential).toEqual({ type: 'oauth_application', id: own.id, token_prefix: null, expires_at: expect.any(String) });
  });
});

describe('a token is dead on the next request, on the other instance too,', () => {
  const dies = async (kill: (own: Registered, jwt: string) => Promise<unknown>, code = 'token_revoked'): Promise<void> => {
    const own = await application(admin);
    const { token: jwt, client } = await accessToken(world, own);
    const there = client.at(`${other.base}/api/v1`);
    expect((await there.get('/me')).status).toBe(200);
    await kill(own, jwt);
    expect((await there.get('/me')).body.error).toBe(code);
    expect((await client.get('/me')).body.error).toBe(code);
  };

  it('when its application is deleted', async () => {
    await dies(async ({ id }) => admin.client.delete(`/oauth_applications/${id}`));
  });

  it('when the secret that obtained it is revoked, and those of another secret live on', async () => {
    let second = '';
    await dies(async ({ id, clientId, secretId }) => {
      const added = (await admin.client.post(`/oauth_applications/${id}/secrets`, {})).body;
      second = (await accessToken(world, { clientId, secret: added.client_secret })).token;
      await admin.client.delete(`/oauth_applications/${id}/secrets/${secretId}`);
    });
    expect((await world.bearer(second).get('/me')).status).toBe(200);
  });

  it('when its client revokes it; another client’s word is not heard', async () => {
    const stranger = await application(admin);
    await dies(async ({ clientId, secret }, jwt) => {
      expect((await endpoint(world, 'revoke')({ token: jwt }, basic(stranger.clientId, stranger.secret))).status).toBe(200);
      expect((await world.bearer(jwt).get('/me')).status).toBe(200);
      expect((await endpoint(world, 'revoke')({ token: jwt }, basic(clientId, secret))).status).toBe(200);
    });
  });
});

describe('a refusal', () => {
  const right = () => basic(app.clientId, app.secret);
  it.each<[string, number, string, () => ReturnType<typeof token>]>([
    ['no grant', 400, 'invalid_request', () => token({}, right())],
    ['an empty grant', 400, 'invalid_request', () => token('grant_type=', right())],
    ['the password grant', 400, 'unsupported_grant_type', () => token({ grant_type: 'password' }, right())],
    ['a grant in capitals', 400, 'unsupported_grant_type', () => token({ grant_type: 'CLIENT_CREDENTIALS' }, right())],
    ['a repeated parameter', 400, 'invalid_request', () => token('grant_type=client_credentials&scope=issues&scope=issues', right())],
    ['two ways at once', 400, 'invalid_request', () => token({ ...GRANT, client_secret: app.secret, client_id: app.clientId }, right())],
    ['another id in the form than in the header', 400, 'invalid_request', () => token({ ...GRANT, client_id: 'app_x' }, right())],
    ['a header that does not decode', 400, 'invalid_request', () => token(GRANT, { authorization: `Basic ${Buffer.from('%zz:x').toString('base64')}` })],
    ['a header without a colon', 400, 'invalid_request', () => token(GRANT, { authorization: `Basic ${Buffer.from('x').toString('base64')}` })],
    ['a bearer', 400, 'invalid_request', () => token(GRANT, { authorization: `Bearer ${app.secret}` })],
    ['a scope beyond the application’s', 400, 'invalid_scope', () => token({ ...GRANT, scope: 'issues admin' }, right())],
    ['an unknown scope', 400, 'invalid_scope', () => token({ ...GRANT, scope: 'everything' }, right())],
    ['two blanks between scopes', 400, 'invalid_scope', () => token({ ...GRANT, scope: 'issues  projects:read' }, right())],
    ['no credentials', 401, 'invalid_client', () => token(GRANT)],
    ['an unknown client', 401, 'invalid_client', () => token(GRANT, basic('app_unknown', app.secret))],
    ['a wrong secret', 401, 'invalid_client', () => token(GRANT, basic(app.clientId, 'kcs_wrong'))],
    ['a wrong secret in the form', 401, 'invalid_client', () => token({ ...GRANT, client_id: app.clientId, client_secret: 'x' })],
    ['an assertion that is none', 401, 'invalid_client', () => token({ ...GRANT, client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })],
    ['JSON', 415, 'invalid_request', () => token('{}', { ...right(), 'content-type': 'application/json' })],
    ['a multipart form', 415, 'invalid_request', () => token('--x', { ...right(), 'content-type': 'multipart/form-data; boundary=x' })],
  ])('of %s is %i %s, in English, and kept nowhere', async (_, status, error, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body['error'], Object.keys(answer.body)]).toEqual([status, error, ['error', 'error_description']]);
    expect([answer.headers.get('cache-control'), answer.headers.get('content-language')]).toEqual(['no-store', 'en']);
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401 && ['an unknown client', 'a wrong secret'].includes(_));
  });

  it('names Basic where Basic was tried', async () => {
    const { headers } = await token(GRANT, basic(app.clientId, 'kcs_wrong'));
    expect(headers.get('www-authenticate')).toBe('Basic realm="kiket", charset="UTF-8"');
  });

  it('is what a GET and credentials in the query get', async () => {
    const got = await fetch(`${world.instance.base}/oauth/token`);
    expect([got.status, got.headers.get('allow'), ((await got.json()) as { error: string }).error]).toEqual([405, 'POST', 'invalid_request']);
    const queried = await fetch(`${world.instance.base}/oauth/token?client_id=${app.clientId}&client_secret=${app.secret}`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=client_credentials' });
    expect([queried.status, ((await queried.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
  });

  it('is the same for an unknown, a wrong, an expired, a revoked and a suspended client', async () => {
    const owner = await world.register();
    const own = await application(owner);
    const soon = new Date(world.clock.now().getTime() + 60_000).toISOString();
    const expiring = (await owner.client.post(`/oauth_applications/${own.id}/secrets`, { expires_at: soon })).body;
    const wrong = await token(GRANT, basic(own.clientId, 'kcs_wrong'));
    world.clock.advance({ minutes: 2 });
    const expired = await token(GRANT, basic(own.clientId, expiring.client_secret));
    await owner.client.delete(`/oauth_applications/${own.id}/secrets/${own.secretId}`);
    const revoked = await token(GRANT, basic(own.clientId, own.secret));
    await world.database.sql('UPDATE organizations SET suspended_at = now() WHERE id = $1', [owner.organizationId]);
    const suspended = await token(GRANT, basic(own.clientId, own.secret));
    const unknown = await token(GRANT, basic('app_none', own.secret));
    for (const { status, body } of [expired, revoked, suspended, unknown]) expect([status, body]).toEqual([401, wrong.body]);
  });

  it('comes after twenty guesses of one client from one address, and not elsewhere', async () => {
    const victim = await application(admin);
    const here = { 'x-forwarded-for': '10.9.9.9' };
    const guess = async () => endpoint(world, 'token')(GRANT, { ...basic(victim.clientId, 'kcs_guess'), ...here });
    for (let tries = 0; tries < 20; tries += 1) expect((await guess()).status).toBe(401);
    const beyond = await guess();
    expect([beyond.status, beyond.body['error'], Number(beyond.headers.get('retry-after')) > 0]).toEqual([429, 'rate_limit_exceeded', true]);
    expect((await endpoint(world, 'token')(GRANT, { ...basic(victim.clientId, victim.secret), ...here })).status).toBe(429);
    expect((await token(GRANT, basic(victim.clientId, victim.secret))).status).toBe(200);
  });
});

describe('introspection', () => {
  it('knows every credential of its own organization, and of no other', async () => {
    const stranger = await world.register();
    const theirs = await world.token(stranger);
    const own = await world.token(admin, { scopes: ['issues:read'] });
    const ask = async (credential: string) => (await endpoint(world, 'introspect')({ token: credential }, { ...basic(app.clientId, app.secret), ...from() })).body;
    expect(await ask(own.token)).toMatchObject({ active: true, scope: 'issues:read', credential: { type: 'workspace_token', id: own.id } });
    expect(await ask(admin.accessToken)).toMatchObject({ active: true, sub: String(admin.id), credential: { type: 'user' } });
    expect(await ask((await accessToken(world, app)).token)).toMatchObject({ active: true, client_id: app.clientId });
    for (const credential of [theirs.token, stranger.accessToken, admin.refreshToken, 'garbage', `${own.token.slice(0, -1)}x`]) expect(await ask(credential)).toEqual({ active: false });
    await admin.client.delete(`/workspace_api_tokens/${own.id}`);
    expect(await ask(own.token)).toEqual({ active: false });
  });
});

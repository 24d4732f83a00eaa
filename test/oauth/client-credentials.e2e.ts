import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { SigningKeys } from '#jwt';
import { settled } from '../audit/trail.js';
import { endRounds } from '../jobs/no-rounds.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { accessToken, application, basic, endpoint, envelope, GRANT, ISSUER, refusal, type Registered, throughProxy } from './application.js';

let world: World;
let admin: Person;
let app: Registered;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  app = await application(admin);
});
afterAll(async () => {
  await world.stop();
});

const post = async (form: string | Record<string, string>, headers: Record<string, string> = basic(app), path = 'token') => endpoint(world, path)(form, headers);
const ask = async (scope: string | undefined, credentials: Registered = app) => (await post({ ...GRANT, ...(scope !== undefined && { scope }) }, basic(credentials))).body;
const change = async ({ id }: Registered, facts: object) => admin.client.patch(`/oauth_applications/${id}`, { oauth_application: facts });

describe('a token', () => {
  it('is an ES256 at+jwt with exactly these claims, and verifies with another library through the published keys', async () => {
    const { status, headers, body } = await post(GRANT);
    expect([status, headers.get('cache-control'), headers.get('pragma'), headers.get('content-type')]).toEqual([200, 'no-store', 'no-cache', 'application/json; charset=utf-8']);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3_600, scope: 'issues projects:read' });
    const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`), { [customFetch]: throughProxy(world) });
    const { payload, protectedHeader } = await jwtVerify(body.access_token, keys, { issuer: ISSUER, audience: ISSUER, typ: 'at+jwt', algorithms: ['ES256'] });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(payload).toEqual({
      iss: ISSUER,
      sub: app.clientId,
      client_id: app.clientId,
      aud: ISSUER,
      org: admin.organizationId,
      product: 'spravce-gdpr',
      scope: 'issues projects:read',
      scopes: ['issues', 'projects:read'],
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 3_600,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      client_credential: `secret:${app.secretId}`,
    });
    expect(Math.abs((payload.iat ?? 0) - world.clock.now().getTime() / 1_000)).toBeLessThan(60);
  });

  it('has an id that no other token has', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, async () => ask(undefined)));
    expect(new Set(tokens.map(({ access_token: token }) => decodeJwt(token).jti)).size).toBe(20);
  });

  it('has the life that its application says', async () => {
    const short = await application(admin, { access_token_ttl: 60 });
    const body = await ask(undefined, short);
    const { iat = 0, exp = 0 } = decodeJwt(body.access_token);
    expect([body.expires_in, exp - iat]).toEqual([60, 60]);
  });

  it('leaves no row behind: all that it stands on is asked when it is used', async () => {
    // What is being sealed, and heard by readers of the feed, is no work of a token's.
    await settled(world);
    await endRounds(world.instance);
    const before = await everything();
    for (let times = 0; times < 20; times += 1) expect((await ask('issues:read')).scope).toBe('issues:read');
    expect(await everything()).toEqual(before);
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['oauth_applications', 'oauth_assertions', 'oauth_revoked_tokens', 'oauth_secrets', 'audit_entries', 'sessions']));
  });

  /** Every row with its version, but for when a secret was used last, which is written once for many. */
  async function everything(): Promise<Record<string, unknown>> {
    const tables = await world.database.sql<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
    const rows: Record<string, unknown> = {};
    for (const { name } of tables) {
      const version = name === 'oauth_secrets' ? `'' AS version, to_jsonb(t) - 'last_used_at' AS row` : 'xmin::text AS version, to_jsonb(t) AS row';
      rows[name] = await world.database.sql(`SELECT ${version} FROM "${name}" t ORDER BY 2::text`);
    }
    return rows;
  }
});

describe('its scope', () => {
  it.each<[string | undefined, string]>([
    [undefined, 'issues projects:read'],
    ['', 'issues projects:read'],
    ['issues', 'issues'],
    ['projects:read issues', 'issues projects:read'],
    ['issues:write', 'issues:write'],
    ['read:issues', 'issues:read'],
    ['read:issues write:issues', 'issues'],
    ['issues issues:read issues', 'issues'],
  ])('of %j is %j, in the answer, in the token and in what it opens', async (asked, granted) => {
    const body = await ask(asked);
    const claims = decodeJwt(body.access_token);
    expect([body.scope, claims['scope'], claims['scopes']]).toEqual([granted, granted, granted.split(' ')]);
    expect((await world.bearer(body.access_token).get('/me')).body.scopes).toEqual(granted.split(' '));
  });

  it.each([
    'issues admin', 'projects', 'projects:write', 'comments:read', 'everything', 'issues  projects:read', ' issues', 'issues ', 'issues,projects:read', 'Issues', '*', 'issues:', 'issues:delete', 'issues:read:read', '__proto__', 'toString', 'openid', 'issues\tprojects:read', '<script>',
  ])('is never %j', async (scope) => {
    const answer = await post({ ...GRANT, scope });
    expect([envelope(answer), answer.body.error_description]).toEqual([refusal(400, 'invalid_scope'), 'The requested scope is unknown, or exceeds what the client may have.']);
  });

  it('opens what it says, and no more', async () => {
    const { client } = await accessToken(world, app, 'read:issues');
    expect(verdict(await client.get('/issues'))).toBe('200');
    const refused = await client.post('/issues', { issue: { title: 'x' } });
    expect([verdict(refused), refused.body.required_scopes]).toEqual(['403 insufficient_scope', ['issues:write']]);
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer realm="kiket", error="insufficient_scope", error_description="insufficient_scope", scope="issues:write", resource_metadata="${ISSUER}/.well-known/oauth-protected-resource"`);
    expect(verdict(await client.get('/projects'))).toBe('403 insufficient_scope');
  });

  it('loses at once what its application loses, and gains nothing from what it gains', async () => {
    const own = await application(admin, { scopes: ['issues', 'projects'] });
    const { client } = await accessToken(world, own);
    await change(own, { scopes: ['issues:read'] });
    expect([verdict(await client.get('/projects')), verdict(await client.post('/issues', {})), verdict(await client.get('/issues'))]).toEqual(['403 insufficient_scope', '403 insufficient_scope', '200']);
    expect(envelope(await post({ ...GRANT, scope: 'projects' }, basic(own)))).toBe(refusal(400, 'invalid_scope'));
    await change(own, { scopes: ['issues', 'projects', 'comments'] });
    expect((await client.get('/me')).body.scopes).toEqual(['issues', 'projects']);
    expect((await ask(undefined, own)).scope).toBe('issues projects comments');
  });

  it('is narrowed by the plan when it is used, and not when it is issued', async () => {
    const owner = await world.register({ product: 'kanzlei' });
    const own = await application(owner, { scopes: ['issues', 'projects', 'comments', 'admin'] });
    const { token, client } = await accessToken(world, own);
    expect(decodeJwt(token)['scope']).toBe('issues projects comments admin');
    expect([verdict(await client.get('/projects')), verdict(await client.post('/issues/1/comments', {})), verdict(await client.get('/issues'))]).toEqual(['403 feature_disabled', '403 feature_disabled', '200']);
    expect((await client.get('/me')).body.scopes).toEqual(['issues', 'comments:read', 'admin']);
  });

  it('opens nothing while the subscription has lapsed, although it is issued; but what reduces stays open', async () => {
    const owner = await world.register();
    const own = await application(owner, { scopes: ['issues', 'admin'] });
    const { client } = await accessToken(world, own);
    await world.database.sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, [owner.organizationId]);
    for (const holder of [client, (await accessToken(world, own)).client]) {
      expect(verdict(await holder.get('/issues'))).toBe('403 subscription_inactive');
      expect(verdict(await holder.post('/oauth_applications', { name: 'X', scopes: ['issues'] }))).toBe('403 subscription_inactive');
      expect(verdict(await holder.get('/oauth_applications'))).toBe('200');
    }
    await world.database.sql(`UPDATE subscriptions SET status = 'active' WHERE organization_id = $1`, [owner.organizationId]);
    expect(verdict(await client.get('/issues'))).toBe('200');
  });
});

describe('a token of somebody else’s making', () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  let ours: KeyObject;
  let header: object;
  let claims: Record<string, unknown>;
  let theirs: Registered;
  let neighbour: Person;
  beforeAll(async () => {
    const { token } = await accessToken(world, app);
    ours = world.instance.app.get(SigningKeys).signer().privateKey;
    header = { ...decodeProtectedHeader(token) };
    claims = { ...decodeJwt(token) };
    neighbour = await world.register();
    theirs = await application(neighbour);
  });
  const made = (head: object, body: object, key = ours) => {
    const input = [head, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const me = async (token: string) => verdict(await world.bearer(token).get('/me'));

  it('passes where our own key made it of our own claims, as the forgeries below are made', async () => {
    expect(await me(made(header, claims))).toBe('200');
  });

  it.each<[string, () => object]>([
    ['iss of product tokens', () => ({ iss: 'kiket.dev' })],
    ['iss of another server', () => ({ iss: 'https://elsewhere.test' })],
    ['aud of another resource', () => ({ aud: 'https://elsewhere.test' })],
    ['several audiences', () => ({ aud: [ISSUER] })],
    ['another sub than client_id', () => ({ sub: theirs.clientId })],
    ['another client_id than sub', () => ({ client_id: theirs.clientId })],
    ['another client', () => ({ sub: theirs.clientId, client_id: theirs.clientId })],
    ['an unknown client', () => ({ sub: 'app_none', client_id: 'app_none' })],
    ['a client with a NUL in its name', () => ({ sub: 'app\0', client_id: 'app\0' })],
    ['a person’s id for sub', () => ({ sub: String(admin.id), client_id: String(admin.id) })],
    ['another organization', () => ({ org: neighbour.organizationId })],
    ['another product', () => ({ product: 'kanzlei' })],
    ['scopes that are not those of scope', () => ({ scopes: ['issues', 'admin'] })],
    ['a list for scope', () => ({ scope: ['issues'] })],
    ['text for scopes', () => ({ scopes: 'issues projects:read' })],
    ['text for org', () => ({ org: String(admin.organizationId) })],
    ['a life of more than an hour', () => ({ exp: Number(claims['iat']) + 3_601 })],
    ['an end before its beginning', () => ({ exp: Number(claims['iat']) - 1 })],
    ['a fraction of a second', () => ({ exp: Number(claims['iat']) + 60.5 })],
    ['a beginning in the future', () => ({ iat: Number(claims['iat']) + 600 })],
    ['no credential of its client', () => ({ client_credential: 'secret:0' })],
    ['a credential of no sort', () => ({ client_credential: 'password:1' })],
    ['a credential that is none', () => ({ client_credential: 7 })],
  ])('is refused with %s', async (_, changes) => {
    expect(await me(made(header, { ...claims, ...changes() }))).toBe('401 invalid_token');
  });

  it.each(['iss', 'sub', 'client_id', 'aud', 'org', 'product', 'scope', 'scopes', 'iat', 'exp', 'jti', 'client_credential'])('is refused without %s', async (name) => {
    expect(await me(made(header, { ...claims, [name]: undefined }))).toBe('401 invalid_token');
    expect(await me(made(header, { ...claims, [name]: null }))).toBe('401 invalid_token');
  });

  it.each<[string, () => object]>([
    ['another application’s secret', () => ({ client_credential: `secret:${theirs.secretId}` })],
    ['a secret that never was', () => ({ client_credential: 'secret:999999999' })],
    ['a key that is not registered', () => ({ client_credential: `key:${'A'.repeat(43)}` })],
  ])('stands on nothing by %s', async (_, changes) => {
    expect(await me(made(header, { ...claims, ...changes() }))).toBe('401 token_revoked');
  });

  it('holds no more than its application, whatever it says', async () => {
    const all = { scope: 'issues projects admin', scopes: ['issues', 'projects', 'admin'] };
    expect((await world.bearer(made(header, { ...claims, ...all })).get('/me')).body.scopes).toEqual(['issues', 'projects:read']);
  });

  it('is refused by another key, or under another type', async () => {
    expect(await me(made(header, claims, stranger))).toBe('401 invalid_token');
    for (const typ of ['JWT', 'jwt', 'AT+JWT', 'application/at+jwt', 'at+jwt ', undefined]) expect([typ, await me(made({ ...header, typ }, claims))]).toEqual([typ, '401 invalid_token']);
    const session = decodeJwt(admin.accessToken);
    expect(await me(made({ ...header, typ: 'JWT' }, session))).toBe('200');
    for (const typ of ['at+jwt', 'refresh+jwt']) expect([typ, await me(made({ ...header, typ }, session))]).toEqual([typ, '401 invalid_token']);
    expect(await me(made(header, { ...session, ...claims, type: 'access', sid: session['sid'] }))).toBe('200');
    expect((await world.bearer(made(header, { ...session, ...claims })).get('/me')).body.role).toBeNull();
  });

  it.each<[string, object]>([
    ['alg none', { alg: 'none' }],
    ['alg HS256', { alg: 'HS256' }],
    ['crit', { crit: ['exp'] }],
    ['jwk', { jwk: {} }],
    ['jku', { jku: 'http://127.0.0.1:9/' }],
    ['another kid', { kid: 'A'.repeat(43) }],
    ['no kid', { kid: undefined }],
  ])('is refused with %s', async (_, parameter) => {
    expect(await me(made({ ...header, ...parameter }, claims))).toBe('401 invalid_token');
  });

  it('is none of a changed letter', async () => {
    const { token } = await accessToken(world, app);
    for (let at = 0; at < token.length; at += 7) expect(await me(`${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`)).toBe('401 invalid_token');
    expect(await me(token)).toBe('200');
  });

  it('refreshes no session, and is no key of an extension', async () => {
    const { token, client } = await accessToken(world, app);
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: token }))).toBe('401 invalid_token');
    expect(verdict(await world.stranger.with({ 'x-kiket-api-key': token }).get('/api/v1/me'))).toBe('401 invalid_token');
    expect(verdict(await client.product('kanzlei').get('/me'))).toBe('401 invalid_token');
    expect(verdict(await client.product('spravce-gdpr').get('/me'))).toBe('200');
  });
});

describe('a refusal of the token endpoint', () => {
  it.each<[string, number, string, () => ReturnType<typeof post>]>([
    ['no form', 400, 'invalid_request', () => post('')],
    ['no grant', 400, 'invalid_request', () => post({ scope: 'issues' })],
    ['a grant without a value', 400, 'invalid_request', () => post('grant_type=')],
    ['the grant twice', 400, 'invalid_request', () => post('grant_type=client_credentials&grant_type=client_credentials')],
    ['the scope twice', 400, 'invalid_request', () => post('grant_type=client_credentials&scope=issues&scope=issues')],
    ['an unknown parameter twice', 400, 'invalid_request', () => post('grant_type=client_credentials&x=1&x=2')],
    ['%zz', 400, 'invalid_request', () => post('grant_type=client_credentials&scope=%zz')],
    ['a NUL', 400, 'invalid_request', () => post('grant_type=client_credentials&scope=issues%00')],
    ['bytes that are no UTF-8', 400, 'invalid_request', () => post('grant_type=client_credentials&scope=%ff')],
    ['a thousand parameters', 400, 'invalid_request', () => post(`grant_type=client_credentials&${Array.from({ length: 1_000 }, (_, index) => `p${index}=1`).join('&')}`)],
    ['the password grant', 400, 'unsupported_grant_type', () => post({ grant_type: 'password', username: 'jan', password: 'x' })],
    ['the refresh_token grant', 400, 'unsupported_grant_type', () => post({ grant_type: 'refresh_token', refresh_token: admin.refreshToken })],
    ['the authorization_code grant', 400, 'unsupported_grant_type', () => post({ grant_type: 'authorization_code', code: 'x' })],
    ['CLIENT_CREDENTIALS', 400, 'unsupported_grant_type', () => post({ grant_type: 'CLIENT_CREDENTIALS' })],
    ['a grant of Object.prototype', 400, 'unsupported_grant_type', () => post({ grant_type: 'constructor' })],
    ['an unsupported grant by somebody unknown', 401, 'invalid_client', () => post({ grant_type: 'password' }, {})],
    ['JSON', 415, 'invalid_request', () => post('{"grant_type":"client_credentials"}', { ...basic(app), 'content-type': 'application/json' })],
    ['a multipart form', 415, 'invalid_request', () => post('--x\r\n', { ...basic(app), 'content-type': 'multipart/form-data; boundary=x' })],
    ['plain text', 415, 'invalid_request', () => post('grant_type=client_credentials', { ...basic(app), 'content-type': 'text/plain' })],
    ['another charset', 415, 'invalid_request', () => post('grant_type=client_credentials', { ...basic(app), 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' })],
    ['a packed body', 400, 'invalid_request', () => post('grant_type=client_credentials', { ...basic(app), 'content-encoding': 'gzip' })],
    ['100 KB and more', 413, 'invalid_request', () => post(`grant_type=client_credentials&x=${'x'.repeat(102_400)}`)],
  ])('for %s is %i %s, in English, and kept by no cache', async (_, status, error, send) => {
    const answer = await send();
    expect(envelope(answer)).toBe(refusal(status, error, error === 'invalid_client' ? '-' : undefined));
    expect(Object.keys(answer.body)).toEqual(['error', 'error_description']);
    // RFC 6749 §5.2: what a description may consist of.
    expect(answer.body.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it('is in English whatever language is asked for, and repeats nothing that was sent', async () => {
    const forms: Record<string, string>[] = [{ grant_type: 'reflected"<b>' }, { ...GRANT, scope: 'reflected"<b>' }, { scope: 'reflected"<b>' }];
    for (const form of forms) {
      const answer = await endpoint(world, 'token?locale=de&reflected=1')(form, { ...basic(app), 'accept-language': 'cs', 'x-product-slug': 'reflected' });
      expect([answer.status, answer.headers.get('content-language')]).toEqual([400, 'en']);
      expect(JSON.stringify([answer.body, [...answer.headers]])).not.toMatch(/reflected|<b>/);
    }
  });

  it.each(['token', 'revoke', 'introspect'])('is 405 for another method than POST at /oauth/%s', async (path) => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${world.instance.base}/oauth/${path}?client_id=${app.clientId}&client_secret=${app.secret}`, { method, headers: basic(app) });
      const answer = { status: response.status, headers: response.headers, body: await response.json() };
      expect([method, envelope(answer), response.headers.get('allow')]).toEqual([method, refusal(405, 'invalid_request'), 'POST']);
    }
  });

  it('has the form of OAuth also where the path is unknown, or in capitals', async () => {
    expect(envelope(await post(GRANT, basic(app), 'authorize'))).toBe(refusal(404, 'not_found'));
    const loud = await fetch(`${world.instance.base}/OAuth/Token`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=client_credentials' });
    expect([loud.status, Object.keys((await loud.json()) as object)]).toEqual([401, ['error', 'error_description']]);
  });
});

describe('whoever knows only the address', () => {
  it('finds out about the server (RFC 8414)', async () => {
    const { status, body, headers } = await world.stranger.get('/.well-known/oauth-authorization-server');
    const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
    const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=3600']);
    expect(body).toEqual({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/oauth/token`,
      revocation_endpoint: `${ISSUER}/oauth/revoke`,
      introspection_endpoint: `${ISSUER}/oauth/introspect`,
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      service_documentation: `${ISSUER}/api/docs`,
      scopes_supported: ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin'],
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    });
  });

  it('is led from a challenge to the resource (RFC 9728), to its server, and to a token', async () => {
    const options = { [oauth.customFetch]: throughProxy(world) };
    const challenges: [string, Client][] = [['nobody', world.stranger], ['a wrong token', world.stranger.bearer('x')], ['somebody without the scope', world.stranger.bearer((await accessToken(world, app)).token)]];
    for (const [who, client] of challenges) {
      const { headers } = await client.get('/api/v1/workflows');
      const found = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1];
      expect([who, found]).toEqual([who, `${ISSUER}/.well-known/oauth-protected-resource`]);
    }
    const resource = await oauth.processResourceDiscoveryResponse(new URL(ISSUER), await oauth.resourceDiscoveryRequest(new URL(ISSUER), options));
    expect(resource).toEqual({
      resource: ISSUER,
      authorization_servers: [ISSUER],
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      scopes_supported: expect.arrayContaining(['issues', 'admin']),
      bearer_methods_supported: ['header'],
      resource_documentation: `${ISSUER}/api/docs`,
    });
    const issuer = new URL(resource.authorization_servers?.[0] ?? '');
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options }));
    const answer = await oauth.clientCredentialsGrantRequest(server, { client_id: app.clientId }, oauth.ClientSecretPost(app.secret), {}, options);
    expect((await oauth.processClientCredentialsResponse(server, { client_id: app.clientId }, answer)).token_type).toBe('bearer');
  });
});

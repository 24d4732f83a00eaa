import { createHmac, createPublicKey, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { type Instance, type Person, World } from '../support/world.js';
import { accessToken, application, endpoint, envelope, GRANT, ISSUER, type OAuthAnswer, refusal, type Registered, throughProxy } from './application.js';
import { asserted, clientKey } from './client-key.js';

let world: World;
let other: Instance;
let admin: Person;
let app: Registered;
const key = clientKey();
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  admin = await world.register();
  app = await application(admin, { jwks: { keys: [key.jwk] } });
});
afterAll(async () => {
  await world.stop();
});

type Parts = Parameters<typeof asserted>[3];
const proof = (parts?: Parts, by = key, { clientId } = app) => asserted(by, clientId, world.clock.now(), parts);
const post = async (form: Record<string, string>, path = 'token', base?: string) => endpoint(world, path, base)({ ...GRANT, token: 'x', ...form });
const inSeconds = (seconds: number) => Math.floor(world.clock.now().getTime() / 1000) + seconds;
const used = async () => (await world.database.sql('SELECT jti FROM oauth_assertions')).length;
const keys = async ({ id }: Registered, ...registered: object[]) => admin.client.patch(`/oauth_applications/${id}`, { oauth_application: { jwks: registered.length === 0 ? null : { keys: registered } } });

describe.each<['ES256' | 'RS256' | 'PS256' | 'EdDSA', Parameters<typeof crypto.subtle.importKey>[2]]>([
  ['ES256', { name: 'ECDSA', namedCurve: 'P-256' }],
  ['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  ['PS256', { name: 'RSA-PSS', hash: 'SHA-256' }],
  ['EdDSA', { name: 'Ed25519' }],
])('a real client with a key for %s', (alg, algorithm) => {
  const own = clientKey(alg);
  let client: Registered;
  let privateKey: webcrypto.CryptoKey;
  beforeAll(async () => {
    client = await application(admin, { jwks: { keys: [own.jwk] } });
    const der = new Uint8Array(own.privateKey.export({ format: 'der', type: 'pkcs8' }));
    privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  });

  it('openid-client discovers, obtains, introspects and revokes a token', async () => {
    const method = openid.PrivateKeyJwt({ key: privateKey, kid: 'mine' });
    const config = await openid.discovery(new URL(ISSUER), client.clientId, undefined, method, { algorithm: 'oauth2', [openid.customFetch]: throughProxy(world) });
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'issues:read' });
    expect((await world.bearer(token).get('/issues')).status).toBe(200);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: client.clientId });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
  });

  it('oauth4webapi obtains a token without naming the key, and none with another', async () => {
    const options = { [oauth.customFetch]: throughProxy(world) };
    const server = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...options }));
    const as = { client_id: client.clientId };
    const ask = async (by: webcrypto.CryptoKey) => oauth.processClientCredentialsResponse(server, as, await oauth.clientCredentialsGrantRequest(server, as, oauth.PrivateKeyJwt(by), {}, options));
    expect((await ask(privateKey)).scope).toBe('issues projects:read');
    const strangers = clientKey(alg).privateKey.export({ format: 'der', type: 'pkcs8' });
    await expect(ask(await crypto.subtle.importKey('pkcs8', new Uint8Array(strangers), algorithm, false, ['sign']))).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
  });
});

describe('an assertion', () => {
  it.each<[string, object]>([
    ['our name among others', { aud: ['https://elsewhere.test', ISSUER] }],
    ['the token endpoint', { aud: `${ISSUER}/oauth/token` }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue that is as far ahead as clocks may differ', { get iat() { return inSeconds(3); } }],
    ['the longest life', { get exp() { return inSeconds(300); } }],
    ['a fraction of a second', { get exp() { return inSeconds(60) + 0.5; } }],
  ])('is taken with %s', async (_, claims) => {
    for (const path of ['token', 'revoke', 'introspect']) expect([path, (await post(proof({ claims }), path)).status]).toEqual([path, 200]);
  });

  it('may stand beside its own client_id, and beside no other', async () => {
    expect((await post({ ...proof(), client_id: app.clientId })).status).toBe(200);
    expect(envelope(await post({ ...proof(), client_id: 'app_other' }))).toBe(refusal(400, 'invalid_request'));
  });

  it.each<[string, () => Record<string, string>]>([
    ['without its type', () => ({ client_assertion: proof()['client_assertion'] ?? '' })],
    ['of another type', () => ({ ...proof(), client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' })],
    ['that is missing', () => ({ client_assertion_type: proof()['client_assertion_type'] ?? '' })],
    ['without a value', () => ({ ...proof(), client_assertion: '' })],
    ['beside a secret', () => ({ ...proof(), client_id: app.clientId, client_secret: app.secret })],
  ])('%s is malformed', async (_, form) => {
    for (const path of ['token', 'revoke', 'introspect']) expect(envelope(await post(form(), path))).toBe(refusal(400, 'invalid_request'));
  });

  const spki = createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' }).toString();
  it.each<[string, () => Parts]>([
    ['for another audience', () => ({ claims: { aud: 'https://elsewhere.test' } })],
    ['for an audience that begins like ours', () => ({ claims: { aud: `${ISSUER}.evil.example` } })],
    ['for several others', () => ({ claims: { aud: ['https://elsewhere.test', `${ISSUER}/`] } })],
    ['for nobody', () => ({ claims: { aud: undefined } })],
    ['by another issuer', () => ({ claims: { iss: 'app_other' } })],
    ['about a client that is unknown', () => ({ claims: { iss: 'app_other', sub: 'app_other' } })],
    ['about a client with a NUL in its name', () => ({ claims: { iss: 'app\0', sub: 'app\0' } })],
    ['that has expired', () => ({ claims: { exp: inSeconds(-1) } })],
    ['that has no end', () => ({ claims: { exp: undefined } })],
    ['that is good for longer than five minutes', () => ({ claims: { exp: inSeconds(320) } })],
    ['that is good for ever', () => ({ claims: { exp: 9_999_999_999 } })],
    ['from the future', () => ({ claims: { iat: inSeconds(20) } })],
    ['that is not good yet', () => ({ claims: { nbf: inSeconds(20) } })],
    ['without an id', () => ({ claims: { jti: undefined } })],
    ['with a NUL in its id', () => ({ claims: { jti: 'a\0' } })],
    ['of the algorithm none', () => ({ header: { alg: 'none' }, signature: () => Buffer.alloc(0) })],
    ['of the algorithm none, signed', () => ({ header: { alg: 'none' } })],
    ['keyed with the public key', () => ({ header: { alg: 'HS256' }, signature: (input) => createHmac('sha256', spki).update(input).digest() })],
    ['keyed with the client’s secret', () => ({ header: { alg: 'HS256' }, signature: (input) => createHmac('sha256', app.secret).update(input).digest() })],
    ['by a stranger’s key', () => ({ signature: clientKey().sign })],
    ['by a key that is not registered', () => ({ header: { kid: 'other' } })],
    ['with a header that must be understood', () => ({ header: { crit: ['exp'] } })],
    ['with an empty list of such', () => ({ header: { crit: [] } })],
  ])('%s is refused, and uses up nothing', async (_, parts) => {
    const before = await used();
    for (const path of ['token', 'revoke', 'introspect']) {
      const answer = await post(proof(parts()), path);
      expect([path, envelope(answer), answer.body.error_description]).toEqual([path, refusal(401, 'invalid_client'), 'The client could not be authenticated.']);
    }
    expect(await used()).toBe(before);
  });

  it('of a suspended organization, or a deleted application, is refused', async () => {
    const neighbour = await world.register();
    const [suspended, deleted] = [await application(neighbour, { jwks: { keys: [key.jwk] } }), await application(admin, { jwks: { keys: [key.jwk] } })];
    for (const client of [suspended, deleted]) expect((await post(proof({}, key, client))).status).toBe(200);
    await world.database.sql('UPDATE organizations SET suspended_at = now() WHERE id = $1', [neighbour.organizationId]);
    await admin.client.delete(`/oauth_applications/${deleted.id}`);
    for (const client of [suspended, deleted]) expect(envelope(await post(proof({}, key, client)))).toBe(refusal(401, 'invalid_client'));
  });

  it('makes nobody fetch a key, wherever it says that one lies', async () => {
    const visitors: unknown[] = [];
    const server = createServer((request, response) => {
      visitors.push(request.url);
      response.end(JSON.stringify({ keys: [strangers.jwk] }));
    }).listen(0, '127.0.0.1');
    server.on('connection', (socket) => visitors.push(socket.remotePort));
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const strangers = clientKey();
    const headers = [{ jku: url }, { x5u: url }, { jku: url, kid: 'other' }, { jwk: strangers.jwk }, { jwk: strangers.jwk, kid: undefined }, { x5c: [url] }, { iss: url }];
    const answers: OAuthAnswer[] = [];
    for (const header of headers) answers.push(await post(proof({ header }, strangers)));
    for (const claims of [{ iss: url, sub: url }, { iss: url }]) answers.push(await post(proof({ claims }, strangers)));
    await admin.client.patch(`/oauth_applications/${app.id}`, { oauth_application: { jwks_uri: url } });
    answers.push(await post(proof({}, strangers)));
    const came = [...visitors];
    // It does answer whoever comes.
    await (await fetch(url)).text();
    server.close();
    server.closeAllConnections();
    expect(answers.map(envelope)).toEqual(answers.map(() => refusal(401, 'invalid_client')));
    expect([came, visitors.length]).toEqual([[], 2]);
  });
});

describe('an assertion that was used', () => {
  it('is refused, at every endpoint and on every instance', async () => {
    const once = proof();
    expect((await post(once)).status).toBe(200);
    for (const base of [world.instance.base, other.base]) {
      for (const path of ['token', 'revoke', 'introspect']) expect(envelope(await post(once, path, base))).toBe(refusal(401, 'invalid_client'));
    }
  });

  it('is used once, also by twenty at once on two instances', async () => {
    const once = proof();
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) => post(once, 'token', index % 2 === 0 ? world.instance.base : other.base)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });

  it('leaves its id to other clients', async () => {
    const second = await application(admin, { jwks: { keys: [key.jwk] } });
    const claims = { jti: 'the same' };
    expect((await post(proof({ claims }))).status).toBe(200);
    expect((await post(proof({ claims }, key, second))).status).toBe(200);
    expect((await post(proof({ claims }))).status).toBe(401);
  });

  it('is all that is written, a row each', async () => {
    const before = await used();
    for (let times = 0; times < 5; times += 1) await post(proof());
    expect(await used()).toBe(before + 5);
  });
});

describe('a key', () => {
  const obtained = async (client: Registered, by = key) => {
    const { status, body } = await endpoint(world, 'token')({ ...GRANT, ...proof({}, by, client) });
    expect(status).toBe(200);
    return world.bearer(body.access_token).at(`${other.base}/api/v1`);
  };

  it('takes its tokens with it when it is removed, and leaves those of the others', async () => {
    const second = clientKey('RS256', 'second');
    const client = await application(admin, { jwks: { keys: [key.jwk, second.jwk] } });
    const [lost, kept] = [await obtained(client), await obtained(client, second)];
    const bySecret = (await accessToken(world, client)).client.at(`${other.base}/api/v1`);
    await keys(client, second.jwk);
    expect([await lost.get('/me'), await kept.get('/me'), await bySecret.get('/me')].map(({ body }) => body.error)).toEqual(['token_revoked', undefined, undefined]);
    expect((await post(proof({}, key, client))).status).toBe(401);
    await keys(client);
    expect([await kept.get('/me'), await bySecret.get('/me')].map(({ body }) => body.error)).toEqual(['token_revoked', undefined]);
  });

  it('takes them with it also where another comes under its id', async () => {
    const client = await application(admin, { jwks: { keys: [key.jwk] } });
    const old = await obtained(client);
    const successor = clientKey();
    await keys(client, successor.jwk);
    expect((await old.get('/me')).body.error).toBe('token_revoked');
    expect((await post(proof({}, key, client))).status).toBe(401);
    expect((await (await obtained(client, successor)).get('/me')).status).toBe(200);
  });

  it('leaves them alive where it only gets another id', async () => {
    const client = await application(admin, { jwks: { keys: [key.jwk] } });
    const token = await obtained(client);
    await keys(client, { ...key.jwk, kid: 'renamed' });
    expect((await token.get('/me')).status).toBe(200);
  });

  it('needs no secret beside it', async () => {
    const client = await application(admin, { jwks: { keys: [key.jwk] } });
    await admin.client.delete(`/oauth_applications/${client.id}/secrets/${client.secretId}`);
    expect((await (await obtained(client)).get('/me')).status).toBe(200);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { type Person, World } from '../support/world.js';
import { application } from './application.js';

const ISSUER = 'https://auth.test';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

/** The service's public address leads to the instance, as a proxy in front of it would. */
const throughProxy = async (url: string, options: object) => fetch(url.replace(ISSUER, world.instance.base), options as RequestInit);

describe.each<[string, (secret: string) => openid.ClientAuth]>([
  ['client_secret_basic', openid.ClientSecretBasic],
  ['client_secret_post', openid.ClientSecretPost],
])('openid-client by %s', (_, method) => {
  it('discovers, obtains, introspects and revokes a token', async () => {
    const { clientId, secret } = await application(admin);
    const config = await openid.discovery(new URL(ISSUER), clientId, undefined, method(secret), { algorithm: 'oauth2', [openid.customFetch]: throughProxy });
    const { access_token: token, scope, expires_in: life } = await openid.clientCredentialsGrant(config, { scope: 'issues:read' });
    expect([scope, life]).toEqual(['issues:read', 3600]);
    expect((await world.bearer(token).get('/issues')).status).toBe(200);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: clientId, sub: clientId, scope: 'issues:read', iss: ISSUER, aud: ISSUER });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
    expect((await world.bearer(token).get('/issues')).body.error).toBe('token_revoked');
  });
});

describe.each<[string, () => ReturnType<typeof generateKeyPairSync>, Parameters<typeof crypto.subtle.importKey>[2]]>([
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), { name: 'ECDSA', namedCurve: 'P-256' }],
  ['EdDSA', () => generateKeyPairSync('ed25519'), { name: 'Ed25519' }],
  ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  ['PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), { name: 'RSA-PSS', hash: 'SHA-256' }],
])('oauth4webapi by private_key_jwt with %s', (alg, generate, algorithm) => {
  it('discovers and obtains a token, which dies with the key', async () => {
    const { publicKey, privateKey } = generate() as { publicKey: { export(o: object): object }; privateKey: { export(o: object): Buffer } };
    const { id, clientId } = await application(admin, { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg, kid: 'mine' }] } });
    const key = await crypto.subtle.importKey('pkcs8', privateKey.export({ format: 'der', type: 'pkcs8' }) as unknown as ArrayBuffer, algorithm, false, ['sign']);
    const options = { [oauth.customFetch]: throughProxy };
    const server = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...options }));
    const client = { client_id: clientId };
    const asked = await oauth.clientCredentialsGrantRequest(server, client, oauth.PrivateKeyJwt({ key, kid: 'mine' }), { scope: 'projects:read' }, options);
    const { access_token: token, scope } = await oauth.processClientCredentialsResponse(server, client, asked);
    expect(scope).toBe('projects:read');
    expect((await world.bearer(token).get('/projects')).status).toBe(200);
    await admin.client.patch(`/oauth_applications/${id}`, { oauth_application: { jwks: null } });
    expect((await world.bearer(token).get('/projects')).body.error).toBe('token_revoked');
  });
});

describe.each(['header', 'body'] as const)('simple-oauth2 with the secret in the %s', (authorizationMethod) => {
  it('obtains and revokes a token, and is told of a wrong secret', async () => {
    const { clientId, secret } = await application(admin);
    const made = (given: string) =>
      new ClientCredentials({
        client: { id: clientId, secret: given },
        auth: { tokenHost: world.instance.base, tokenPath: '/oauth/token', revokePath: '/oauth/revoke' },
        options: { authorizationMethod },
      });
    const token = await made(secret).getToken({ scope: 'issues:read' });
    const bearer = world.bearer(token.token['access_token'] as string);
    expect((await bearer.get('/issues')).status).toBe(200);
    // Of it some characters must be percent-encoded on their way.
    await expect(made(`${secret}:%+ &=/~"`).getToken({})).rejects.toMatchObject({ output: { statusCode: 401 } });
  });
});

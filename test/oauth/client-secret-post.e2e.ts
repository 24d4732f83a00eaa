import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { type Person, World } from '../support/world.js';
import { application, endpoint, envelope, GRANT, ISSUER, refusal, type Registered, throughProxy } from './application.js';
import { deadClients } from './dead-clients.js';

const ASSERTION = { client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };

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

const inForm = ({ clientId, secret }: { clientId: string; secret: string }) => ({ client_id: clientId, client_secret: secret });
const post = async (form: string | Record<string, string>, path = 'token', headers: Record<string, string> = {}) => endpoint(world, path)(form, headers);

describe('a real client', () => {
  it('openid-client obtains, introspects and revokes a token, and is told of a wrong secret', async () => {
    const discovered = async (secret: string) =>
      openid.discovery(new URL(ISSUER), app.clientId, undefined, openid.ClientSecretPost(secret), { algorithm: 'oauth2', [openid.customFetch]: throughProxy(world) });
    const config = await discovered(app.secret);
    const { access_token: token } = await openid.clientCredentialsGrant(config);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: 'issues projects:read' });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
    await expect(openid.clientCredentialsGrant(await discovered(`${app.secret}:%+ é&=`))).rejects.toMatchObject({ error: 'invalid_client', status: 401 });
  });

  it('oauth4webapi obtains a token, and is told of a scope beyond its own', async () => {
    const options = { [oauth.customFetch]: throughProxy(world) };
    const server = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...options }));
    const client = { client_id: app.clientId };
    const ask = async (scope: string) =>
      oauth.processClientCredentialsResponse(server, client, await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost(app.secret), { scope }, options));
    expect((await ask('projects:read')).scope).toBe('projects:read');
    await expect(ask('admin')).rejects.toMatchObject({ error: 'invalid_scope', status: 400 });
  });

  it('simple-oauth2 obtains and revokes a token, and is told of a wrong secret', async () => {
    const made = (secret: string) =>
      new ClientCredentials({
        client: { id: app.clientId, secret },
        auth: { tokenHost: world.instance.base, tokenPath: '/oauth/token', revokePath: '/oauth/revoke' },
        options: { authorizationMethod: 'body' },
      });
    const token = await made(app.secret).getToken({ scope: 'issues:read' });
    const bearer = world.bearer(token.token['access_token'] as string);
    expect((await bearer.get('/issues')).status).toBe(200);
    await token.revoke('access_token');
    expect((await bearer.get('/issues')).body.error).toBe('token_revoked');
    await expect(made(`${app.secret}:%+ &=`).getToken({})).rejects.toMatchObject({ output: { statusCode: 401 }, data: { payload: { error: 'invalid_client' } } });
  });
});

describe('a secret in the form', () => {
  it('is decoded as a form is', async () => {
    const encoded = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&');
    expect((await post(`grant_type=client_credentials&client_id=${encoded(app.clientId)}&client_secret=${encoded(app.secret)}`)).status).toBe(200);
    expect((await post({ ...GRANT, client_id: app.clientId, client_secret: ':%+ é&=/~"' })).status).toBe(401);
  });

  it.each<[string, number, string, () => string | Record<string, string>]>([
    ['no client', 400, 'invalid_request', () => ({ ...GRANT, client_secret: app.secret })],
    ['a client without a value', 400, 'invalid_request', () => ({ ...GRANT, client_id: '', client_secret: app.secret })],
    ['two clients', 400, 'invalid_request', () => `${new URLSearchParams({ ...GRANT, ...inForm(app) }).toString()}&client_id=${app.clientId}`],
    ['two secrets', 400, 'invalid_request', () => `${new URLSearchParams({ ...GRANT, ...inForm(app) }).toString()}&client_secret=x`],
    ['a second secret without a value', 400, 'invalid_request', () => `${new URLSearchParams({ ...GRANT, ...inForm(app) }).toString()}&client_secret=`],
    ['the same parameter, once encoded', 400, 'invalid_request', () => `${new URLSearchParams({ ...GRANT, ...inForm(app) }).toString()}&client%5Fsecret=x`],
    ['an assertion', 400, 'invalid_request', () => ({ ...GRANT, ...inForm(app), ...ASSERTION })],
    ['%zz', 400, 'invalid_request', () => `grant_type=client_credentials&client_id=${app.clientId}&client_secret=%zz`],
    ['a NUL in the client', 400, 'invalid_request', () => `grant_type=client_credentials&client_id=app%00&client_secret=${app.secret}`],
    ['a client alone', 401, 'invalid_client', () => ({ ...GRANT, client_id: app.clientId })],
    ['a secret without a value', 401, 'invalid_client', () => ({ ...GRANT, client_id: app.clientId, client_secret: '' })],
    ['neither', 401, 'invalid_client', () => GRANT],
    ['a client in a list', 400, 'invalid_request', () => `grant_type=client_credentials&client_id[]=${app.clientId}&client_secret=${app.secret}`],
    ['a client named __proto__', 401, 'invalid_client', () => ({ ...GRANT, ...inForm({ ...app, clientId: '__proto__' }) })],
    ['parameters named like those of Object.prototype', 401, 'invalid_client', () => `grant_type=client_credentials&__proto__=${app.clientId}&constructor=x`],
  ])('is refused with %s: %i %s, and no challenge', async (_, status, error, form) => {
    for (const path of ['token', 'revoke', 'introspect']) {
      const fields = form();
      const sent = typeof fields === 'string' ? `${fields}&token=x` : { ...fields, token: 'x' };
      expect([path, envelope(await post(sent, path))]).toEqual([path, refusal(status, error)]);
    }
  });

  it.each(['client_id', 'client_secret', 'client_assertion', 'token'])('belongs into no query, nor does %s', async (name) => {
    for (const path of ['token', 'revoke', 'introspect']) {
      world.logs.length = 0;
      expect(envelope(await post({ ...GRANT, token: 'x', ...inForm(app) }, `${path}?${name}=${app.secret}`))).toBe(refusal(400, 'invalid_request'));
      expect(world.logs.join('')).toContain(`/oauth/${path}`);
      expect(world.logs.join('')).not.toContain(app.secret.slice(4));
    }
  });

  it('and with it whoever may have no token is told the same, whatever the reason', async () => {
    const answers: [string, string, unknown][] = [];
    for (const [reason, credentials] of Object.entries(await deadClients(world))) {
      const answer = await post({ ...GRANT, ...inForm(credentials) });
      answers.push([reason, envelope(answer), answer.body]);
    }
    const same = { error: 'invalid_client', error_description: 'The client could not be authenticated.' };
    expect(answers).toEqual(answers.map(([reason]) => [reason, refusal(401, 'invalid_client'), same]));
    expect(answers.length).toBe(11);
  });
});

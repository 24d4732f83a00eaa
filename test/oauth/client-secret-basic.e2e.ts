import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ClientCredentials } from 'simple-oauth2';
import { type Person, World } from '../support/world.js';
import { application, basic, BASIC_CHALLENGE, endpoint, envelope, GRANT, ISSUER, type OAuthAnswer, refusal, type Registered, throughProxy } from './application.js';
import { deadClients } from './dead-clients.js';

/** All that Basic must write as %xx or as +, and more. */
const AWKWARD = ':%+ é&=/~"\\\u{1f511}';

let world: World;
let admin: Person;
let app: Registered;
beforeAll(async () => {
  world = await World.start({ env: { RATE_LIMITS: 'on', RATE_LIMIT_UNAUTHENTICATED: '5000', TRUST_PROXY: '127.0.0.1' } });
  admin = await world.register();
  app = await application(admin);
});
afterAll(async () => {
  await world.stop();
});

const last = { address: 0 };
/** An address that nobody has guessed from. */
const elsewhere = () => ({ 'x-forwarded-for': `10.1.${(last.address += 1) >> 8}.${last.address & 255}` });
const post = async (headers: Record<string, string>, form: string | Record<string, string> = GRANT, path = 'token') => endpoint(world, path)(form, { ...elsewhere(), ...headers });
const header = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
const everyCharacterEncoded = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&');

describe('a real client', () => {
  const discovered = async (secret: string) =>
    openid.discovery(new URL(ISSUER), app.clientId, undefined, openid.ClientSecretBasic(secret), { algorithm: 'oauth2', [openid.customFetch]: throughProxy(world) });

  it('openid-client discovers, obtains, introspects and revokes a token', async () => {
    const config = await discovered(app.secret);
    const { access_token: token, scope, expires_in: life, token_type: type } = await openid.clientCredentialsGrant(config, { scope: 'issues:read' });
    expect([scope, life, type]).toEqual(['issues:read', 3_600, 'bearer']);
    expect((await world.bearer(token).get('/issues')).status).toBe(200);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: app.clientId, sub: app.clientId, scope: 'issues:read', iss: ISSUER, aud: ISSUER });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
    expect((await world.bearer(token).get('/issues')).body.error).toBe('token_revoked');
  });

  it('openid-client is told of a wrong secret, whatever characters are in it', async () => {
    const config = await discovered(`${app.secret}${AWKWARD}`);
    await expect(openid.clientCredentialsGrant(config)).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'basic', parameters: { realm: 'kiket' } }] });
  });

  it('oauth4webapi, too, in the scheme that it used', async () => {
    const options = { [oauth.customFetch]: throughProxy(world) };
    const server = await oauth.processDiscoveryResponse(new URL(ISSUER), await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...options }));
    const client = { client_id: app.clientId };
    const ask = async (secret: string) => oauth.processClientCredentialsResponse(server, client, await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(secret), {}, options));
    expect((await ask(app.secret)).scope).toBe('issues projects:read');
    await expect(ask(AWKWARD)).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'basic', parameters: { realm: 'kiket' } }] });
  });

  it('simple-oauth2 obtains a token, and is told of a wrong secret', async () => {
    const made = (secret: string) =>
      new ClientCredentials({ client: { id: app.clientId, secret }, auth: { tokenHost: world.instance.base, tokenPath: '/oauth/token' }, options: { authorizationMethod: 'header' } });
    const { token } = await made(app.secret).getToken({ scope: ['issues:read', 'projects:read'] });
    expect(token['scope']).toBe('issues:read projects:read');
    expect((await world.bearer(token['access_token'] as string).get('/issues')).status).toBe(200);
    await expect(made(AWKWARD.replace(/[^ -~]/gu, '')).getToken({})).rejects.toMatchObject({ output: { statusCode: 401 }, data: { payload: { error: 'invalid_client' } } });
  });
});

describe('HTTP Basic', () => {
  it.each<[string, () => Record<string, string>]>([
    ['as it is', () => basic(app)],
    ['with every character percent-encoded', () => header(`${everyCharacterEncoded(app.clientId)}:${everyCharacterEncoded(app.secret)}`)],
    ['with the scheme in small letters', () => ({ authorization: (basic(app)['authorization'] ?? '').replace('Basic', 'basic') })],
  ])('is taken %s', async (_, headers) => {
    const { status, body } = await post(headers());
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
  });

  it('may stand beside the same client_id in the form, and beside an empty secret', async () => {
    expect((await post(basic(app), { ...GRANT, client_id: app.clientId })).status).toBe(200);
    expect((await post(basic(app), { ...GRANT, client_id: '', client_secret: '', client_assertion: '', client_assertion_type: '' })).status).toBe(200);
  });

  it('decodes what is encoded, so that a secret with such characters is wrong and not malformed', async () => {
    for (const secret of [encodeURIComponent(AWKWARD), 'a+b', '%C3%A9', '%25zz', 'a:b:c', '']) {
      expect(envelope(await post(header(`${app.clientId}:${secret}`)))).toBe(refusal(401, 'invalid_client', BASIC_CHALLENGE));
    }
    expect(envelope(await post(header(`${encodeURIComponent(AWKWARD)}:${app.secret}`)))).toBe(refusal(401, 'invalid_client', BASIC_CHALLENGE));
  });

  it.each<[string, () => Record<string, string>]>([
    ['no colon', () => header(app.clientId)],
    ['nothing', () => header('')],
    ['no client before the colon', () => header(`:${app.secret}`)],
    ['%zz in the client', () => header(`%zz:${app.secret}`)],
    ['%zz in the secret', () => header(`${app.clientId}:%zz`)],
    ['half of a %xx', () => header(`${app.clientId}:a%4`)],
    ['bytes that are no UTF-8, encoded', () => header(`${app.clientId}:%c3%28`)],
    ['a NUL in the client', () => header(`app%00:${app.secret}`)],
    ['a bare NUL in the client', () => header(`app\0:${app.secret}`)],
    ['a NUL in the secret', () => header(`${app.clientId}:%00`)],
    ['no base64', () => ({ authorization: 'Basic ***' })],
    ['base64 that is for URLs', () => ({ authorization: `Basic ${Buffer.from(`${app.clientId}:~~~???`).toString('base64url')}` })],
    ['the scheme alone', () => ({ authorization: 'Basic' })],
    ['two blanks', () => ({ authorization: (basic(app)['authorization'] ?? '').replace(' ', '  ') })],
    ['two words', () => ({ authorization: `${basic(app)['authorization']} x` })],
    ['an empty header', () => ({ authorization: '' })],
    ['the secret as a bearer', () => ({ authorization: `Bearer ${app.secret}` })],
    ['another scheme', () => ({ authorization: 'Digest username="x"' })],
  ])('is malformed with %s', async (_, headers) => {
    for (const path of ['token', 'revoke', 'introspect']) expect(envelope(await post(headers(), { ...GRANT, token: 'x' }, path))).toBe(refusal(400, 'invalid_request'));
  });

  it.each<[string, () => Record<string, string>]>([
    ['the secret in the form', () => ({ client_secret: app.secret })],
    ['the secret in the form, and the client', () => ({ client_id: app.clientId, client_secret: app.secret })],
    ['an assertion', () => ({ client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })],
    ['an assertion’s type', () => ({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })],
    ['another client in the form', () => ({ client_id: 'app_other' })],
  ])('is refused beside %s', async (_, form) => {
    for (const path of ['token', 'revoke', 'introspect']) expect(envelope(await post(basic(app), { ...GRANT, token: 'x', ...form() }, path))).toBe(refusal(400, 'invalid_request'));
  });

  it('is refused twice over', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const { authorization = '' } = basic(app);
      const twice = request(`${world.instance.base}/oauth/token`, { method: 'POST', headers: { authorization: [authorization, authorization], 'content-type': 'application/x-www-form-urlencoded' } as never }, (answer) => resolve(answer.resume().statusCode));
      twice.on('error', reject).end('grant_type=client_credentials');
    });
    expect(status).toBe(400);
  });
});

describe('whoever may have no token', () => {
  it('gets one and the same answer, whatever the reason, at each endpoint', async () => {
    const answers: [string, string, unknown][] = [];
    for (const [reason, credentials] of Object.entries(await deadClients(world))) {
      for (const path of ['token', 'revoke', 'introspect']) {
        const answer = await post(basic(credentials), { ...GRANT, token: 'x' }, path);
        answers.push([`${reason} at ${path}`, envelope(answer), answer.body]);
      }
    }
    const same = { error: 'invalid_client', error_description: 'The client could not be authenticated.' };
    expect(answers).toEqual(answers.map(([reason]) => [reason, refusal(401, 'invalid_client', BASIC_CHALLENGE), same]));
    expect(answers.length).toBe(33);
  });

  it('gets it also in another language, and reads nothing of what they sent', async () => {
    const { headers, body } = await post({ ...basic({ clientId: '<script>', secret: '"reflected"' }), 'accept-language': 'cs' });
    expect([headers.get('content-language'), body.error_description]).toEqual(['en', 'The client could not be authenticated.']);
    expect(JSON.stringify([body, [...headers]])).not.toMatch(/<script|reflected/);
  });

  it('gets it while the database is away, where the secret cannot be one of ours; any other is told of the outage', async () => {
    await world.database.outage(async () => {
      expect(envelope(await post(basic({ ...app, secret: app.secret.replace(/.$/, (end) => (end === '0' ? '1' : '0')) })))).toBe(refusal(401, 'invalid_client', BASIC_CHALLENGE));
      const away = await post(basic(app));
      expect([away.status, away.body.error, Number(away.headers.get('retry-after')) >= 1, away.headers.get('www-authenticate')]).toEqual([503, 'temporarily_unavailable', true, null]);
    });
    expect((await post(basic(app))).status).toBe(200);
  });
});

describe('guessing', () => {
  const here = { 'x-forwarded-for': '10.9.9.9' };
  const tried = (answers: readonly OAuthAnswer[], status: number) => answers.filter((answer) => answer.status === status).length;

  it('ends after twenty tries of one client from one address, at whichever endpoint, for the right secret too', async () => {
    const victim = await application(admin);
    const guess = async (secret: string, path = 'token') => post({ ...basic({ ...victim, secret }), ...here }, { ...GRANT, token: 'x' }, path);
    for (let right = 0; right < 25; right += 1) expect((await guess(victim.secret)).status).toBe(200);
    for (let tries = 0; tries < 20; tries += 1) expect((await guess('guess', ['token', 'revoke', 'introspect'][tries % 3])).status).toBe(401);
    for (const path of ['token', 'revoke', 'introspect']) {
      const beyond = await guess(victim.secret, path);
      expect(envelope(beyond)).toBe(refusal(429, 'rate_limit_exceeded'));
      const retryAfter = Number(beyond.headers.get('retry-after'));
      expect(retryAfter >= 1 && retryAfter <= 60).toBe(true);
    }
    // In the form it is the same guesser.
    expect((await post(here, { ...GRANT, client_id: victim.clientId, client_secret: victim.secret })).status).toBe(429);
    expect((await post(basic(victim))).status).toBe(200);
    expect((await post({ ...basic(app), ...here })).status).toBe(200);
  });

  it('by sixty at once is no quicker', async () => {
    const victim = await application(admin);
    const guesses = await Promise.all(Array.from({ length: 60 }, async () => post({ ...basic({ ...victim, secret: 'guess' }), ...here })));
    expect([tried(guesses, 401), tried(guesses, 429)]).toEqual([20, 40]);
  });

  it('counts an unknown client like a known one', async () => {
    const guesses: OAuthAnswer[] = [];
    for (let tries = 0; tries < 22; tries += 1) guesses.push(await post({ ...basic({ clientId: 'app_nobody', secret: 'guess' }), ...here }));
    expect([tried(guesses, 401), tried(guesses, 429)]).toEqual([20, 2]);
  });
});

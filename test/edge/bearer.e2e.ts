import { Secrets } from '#secrets';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, RESOURCE_METADATA, World } from '../support/world.js';
import { rawRequest, requestBytes } from './raw-request.js';

const REALM = `Bearer realm="kiket"${RESOURCE_METADATA}`;
const challenge = (code: string, error = 'invalid_token', scope = '') => `Bearer realm="kiket", error="${error}", error_description="${code}"${scope}${RESOURCE_METADATA}`;

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const me = (headers: string[], query = '') => rawRequest(world.instance.base, requestBytes(`GET /api/v1/auth/me${query}`, headers));

describe('an access token', () => {
  it('opens as a bearer, whatever the case of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) expect((await me([`Authorization: ${scheme} ${person.accessToken}`])).status).toBe(200);
  });

  it.each<[string, (token: string) => string[], string]>([
    ['two Authorization headers', (token) => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`], ''],
    ['two Authorization headers of which one is empty', (token) => ['Authorization:', `Authorization: Bearer ${token}`], ''],
    ['two API keys', (token) => [`X-Kiket-API-Key: ${token}`, `X-Kiket-API-Key: ${token}`], ''],
    ['an API key beside Authorization', (token) => [`Authorization: Bearer ${token}`, `X-Kiket-API-Key: ${token}`], ''],
    ['?access_token= beside Authorization', (token) => [`Authorization: Bearer ${token}`], '?access_token=x'],
    ['?access_token= beside an API key', (token) => [`X-Kiket-API-Key: ${token}`], '?access_token=x'],
    ['an empty ?access_token= beside Authorization', (token) => [`Authorization: Bearer ${token}`], '?access_token='],
    ['Bearer and nothing', () => ['Authorization: Bearer'], ''],
    ['Bearer and a space', () => ['Authorization: Bearer '], ''],
    ['two tokens after Bearer', (token) => [`Authorization: Bearer ${token} ${token}`], ''],
    ['a word after the token', (token) => [`Authorization: Bearer ${token} b`], ''],
    ['two bearers in one header', (token) => [`Authorization: Bearer ${token}, Bearer ${token}`], ''],
  ])('is refused as malformed with %s', async (_, headers, query) => {
    const { status, body } = await me(headers(person.accessToken), query);
    expect([status, body.error]).toEqual([400, 'malformed_request']);
  });

  it.each<[string, string, (token: string) => string]>([
    ['no scheme', 'invalid_token', (token) => token],
    ['an empty header', 'invalid_token', () => ''],
    ['Basic', 'invalid_token', (token) => `Basic ${Buffer.from(`${token}:`).toString('base64')}`],
    ['Digest', 'invalid_token', (token) => `Digest ${token}`],
    ['a tab after Bearer', 'invalid_token', (token) => `Bearer\t${token}`],
    ['quotes around it', 'invalid_token', (token) => `Bearer "${token}"`],
    ['one letter', 'invalid_token', () => 'Bearer x'],
    ['a name of Object.prototype', 'invalid_token', () => 'Bearer __proto__'],
    ['15 KB', 'invalid_token', () => `Bearer eyJ${'a'.repeat(15_000)}`],
    ['high bytes', 'invalid_token', (token) => `Bearer ${token}\u00e9`],
  ])('is refused as invalid with %s', async (_, code, header) => {
    const { status, body, headers } = await me([`Authorization: ${header(person.accessToken)}`]);
    expect([status, body.error, headers['www-authenticate']]).toEqual([401, code, challenge(code)]);
  });

  it('of 16 KB is refused before anything is read of it', async () => {
    expect((await me([`Authorization: Bearer ${'a'.repeat(16_384)}`])).status).toBe(431);
  });

  it.each(['access_token', 'token', 'Authorization', 'api_key'])('in ?%s= opens nothing and stands in no log', async (name) => {
    world.logs.length = 0;
    const { status, body, headers } = await me([], `?${name}=${person.accessToken}`);
    expect([status, body.error, headers['www-authenticate']]).toEqual([401, 'authorization_required', REALM]);
    expect(world.logs.join('')).toContain('/api/v1/auth/me');
    expect(world.logs.join('')).not.toContain(person.accessToken.slice(-40));
  });

  it.each(['kanzlei', 'no-such-product', 'retired', '', 'spravce-gdpr, kanzlei', 'SPRAVCE-GDPR'])('is refused with the slug %j of another product', async (slug) => {
    const { status, body, headers } = await person.client.product(slug).get('/auth/me');
    expect([status, body.error, headers.get('www-authenticate')]).toEqual([401, 'invalid_token', challenge('invalid_token')]);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  });
});

describe('no credential', () => {
  it.each(['kanzlei', 'no-such-product', 'retired', ''])('is missing under the slug %j too', async (slug) => {
    const { status, body, headers } = await world.visitor.product(slug).get('/auth/me');
    expect([status, body.error, headers.get('www-authenticate')]).toEqual([401, 'authorization_required', REALM]);
  });
});

describe('a secret of another kind', () => {
  let secrets: Record<string, string>;
  let email: string;
  let owner: Person;
  let invited: string;
  beforeAll(async () => {
    owner = await world.register();
    ({ email } = owner);
    await world.register({ email, organization: 'Second' });
    const { login_token: ticket } = (await world.visitor.post('/auth/login', { email, password: PASSWORD })).body;
    await world.visitor.post('/auth/forgot_password', { email });
    invited = world.freshEmail();
    await owner.client.post('/users', { user: { email: invited, name: 'Eva Malá', role: 'member' } });
    const made = (scheme: string) => new Secrets().generate(scheme).plaintext;
    secrets = {
      'a refresh token': owner.refreshToken,
      'a login token': ticket,
      'a reset token': tokenIn(await world.mailbox.reset(email)),
      'an invitation token': tokenIn(await world.mailbox.invitation(invited)),
      'a client secret': made('kcs_'),
      'a workspace token that was never issued': made('wksp_'),
      'an extension key that was never issued': made('ext_live_'),
      'a workspace token with a wrong checksum': made('wksp_').replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      'a Stripe webhook secret': `whsec_${'a1B2'.repeat(8)}`,
      'a Stripe key': `sk_live_${'a1B2'.repeat(12)}`,
      'a password': PASSWORD,
    };
  });

  it('is refused as a bearer and as an API key', async () => {
    for (const [name, secret] of Object.entries(secrets)) {
      // The header of the extensions' keys is read for nothing else.
      const asBearer = name === 'a refresh token' ? 'invalid_token_type' : 'invalid_token';
      for (const [caller, code] of [[world.visitor.bearer(secret), asBearer], [world.visitor.with({ 'x-kiket-api-key': secret }), 'invalid_token']] as const) {
        const answer = await caller.get('/auth/me');
        expect([name, answer.status, answer.body.error, answer.headers.get('www-authenticate')]).toEqual([name, 401, code, challenge(code)]);
      }
    }
  });

  it('is refused where a secret of again another kind is due', async () => {
    const all = { ...secrets, 'an access token': owner.accessToken };
    const due: [string, number, (secret: string) => ReturnType<World['visitor']['post']>][] = [
      ['a refresh token', 401, (secret) => world.visitor.post('/auth/refresh', { refresh_token: secret })],
      ['a login token', 401, (secret) => world.visitor.post('/auth/login/select_org', { organization_id: owner.organizationId, login_token: secret })],
      ['a reset token', 422, (secret) => world.visitor.put('/auth/reset_password', { token: secret, password: 'NewPass456!' })],
      ['an invitation token', 422, (secret) => world.visitor.post('/auth/accept_invitation', { token: secret, password: PASSWORD })],
    ];
    for (const [own, refused, present] of due) {
      for (const [name, secret] of Object.entries(all)) if (name !== own) expect([own, name, (await present(secret)).status]).toEqual([own, name, refused]);
    }
  });

  it('is not used up by any of that', async () => {
    const used = await Promise.all([
      world.visitor.post('/auth/refresh', { refresh_token: secrets['a refresh token'] }),
      world.visitor.post('/auth/login/select_org', { organization_id: owner.organizationId, login_token: secrets['a login token'] }),
      world.visitor.post('/auth/accept_invitation', { token: secrets['an invitation token'], password: PASSWORD }),
    ]);
    const reset = await world.visitor.put('/auth/reset_password', { token: secrets['a reset token'], password: 'NewPass456!' });
    expect([...used, reset].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describe('a refused caller', () => {
  it('learns why from the challenge', async () => {
    const member = await world.member(person);
    const asMember = await member.client.post('/users', { user: { email: world.freshEmail(), name: 'X', role: 'member' } });
    expect([asMember.status, asMember.body.error, asMember.headers.get('www-authenticate')]).toEqual([403, 'forbidden', challenge('forbidden', 'insufficient_scope')]);

    await person.client.patch(`/users/${member.id}`, { user: { role: 'admin' } });
    const withTheOldToken = await member.client.post('/users', { user: { email: world.freshEmail(), name: 'X', role: 'member' } });
    expect(withTheOldToken.body).toMatchObject({ error: 'insufficient_scope', required_scopes: ['admin'] });
    expect(withTheOldToken.headers.get('www-authenticate')).toBe(challenge('insufficient_scope', 'insufficient_scope', ', scope="admin"'));

    await member.client.post('/auth/logout');
    const afterwards = await member.client.get('/auth/me');
    expect([afterwards.status, afterwards.body.error, afterwards.headers.get('www-authenticate')]).toEqual([401, 'token_revoked', challenge('token_revoked')]);
  });

  it('is challenged for nothing by a wrong password', async () => {
    const { status, headers } = await world.visitor.post('/auth/login', { email: person.email, password: 'WrongPass123!' });
    expect([status, headers.get('www-authenticate')]).toEqual([401, null]);
  });
});

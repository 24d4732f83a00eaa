import { decodeJwt } from 'jose';
import { sessionOf } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Instance, PASSWORD, type Person, World } from '../support/world.js';
import { accessToken, anotherSecret, application, basic, endpoint, envelope, GRANT, ISSUER, refusal, type Registered } from './application.js';

let world: World;
let other: Instance;
let admin: Person;
let app: Registered;
/** Of the same organization. */
let sibling: Registered;
let neighbour: Person;
let theirs: Registered;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  [admin, neighbour] = [await world.register(), await world.register()];
  [app, sibling, theirs] = [await application(admin), await application(admin), await application(neighbour)];
});
afterAll(async () => {
  await world.stop();
});

const introspect = async (token: string, by = sibling) => {
  const { status, body } = await endpoint(world, 'introspect')({ token }, basic(by));
  expect(status).toBe(200);
  return body;
};
const revoke = async (token: string, by: Registered, more: Record<string, string> = {}) => endpoint(world, 'revoke')({ token, ...more }, basic(by));
const INACTIVE = { active: false };

describe('a token is dead on the next request, on the other instance too,', () => {
  /** The code that a token gets on both instances. */
  const code = async (client: Client) => {
    const [there, here] = [await client.at(`${other.base}/api/v1`).get('/me'), await client.get('/me')];
    expect(verdict(there)).toBe(verdict(here));
    return verdict(here);
  };

  it('when its application is deleted, which gets no other', async () => {
    const own = await application(admin);
    const { client, token } = await accessToken(world, own);
    expect(await code(client)).toBe('200');
    await admin.client.delete(`/oauth_applications/${own.id}`);
    expect([await code(client), await introspect(token)]).toEqual(['401 token_revoked', INACTIVE]);
    expect(envelope(await endpoint(world, 'token', other.base)({ ...GRANT, client_id: own.clientId, client_secret: own.secret }))).toBe(refusal(401, 'invalid_client'));
  });

  it('when the secret that obtained it is revoked; those of the other secret live on', async () => {
    const first = await application(admin);
    const second = await anotherSecret(admin, first);
    const [lost, kept] = [await accessToken(world, first), await accessToken(world, second)];
    await admin.client.delete(`/oauth_applications/${first.id}/secrets/${first.secretId}`);
    expect([await code(lost.client), await introspect(lost.token), await code(kept.client)]).toEqual(['401 token_revoked', INACTIVE, '200']);
    const third = await anotherSecret(admin, first);
    expect(await code((await accessToken(world, third)).client)).toBe('200');
    await admin.client.delete(`/oauth_applications/${first.id}/secrets/${second.secretId}`);
    expect(await code(kept.client)).toBe('401 token_revoked');
  });

  it('when its client revokes it, by whichever of its secrets; the client’s other tokens live on', async () => {
    const first = await application(admin);
    const second = await anotherSecret(admin, first);
    const [lost, kept] = [await accessToken(world, first), await accessToken(world, first)];
    expect((await revoke(lost.token, second)).body).toEqual({});
    expect([await code(lost.client), await introspect(lost.token), await code(kept.client)]).toEqual(['401 token_revoked', INACTIVE, '200']);
  });

  it('when its organization is suspended, or its product switched off, and only while it is', async () => {
    const abroad = await world.register({ product: 'kanzlei' });
    const { client } = await accessToken(world, await application(abroad));
    const set = async (table: string, to: string) => world.database.sql(`UPDATE ${table} t SET ${to} FROM organizations o WHERE o.id = $1 AND t.id = ${table === 'products' ? 'o.product_id' : 'o.id'}`, [abroad.organizationId]);
    const after: string[] = [];
    for (const [table, to] of [['organizations', 'suspended_at = now()'], ['organizations', 'suspended_at = NULL'], ['products', 'active = false'], ['products', 'active = true']] as const) {
      await set(table, to);
      after.push(await code(client));
    }
    expect(after).toEqual(['401 token_revoked', '200', '401 token_revoked', '200']);
  });

  it('and dead it stays under a hundred requests that were under way when it died, from their answers on', async () => {
    const { client, token } = await accessToken(world, app);
    const race = await Promise.all([revoke(token, app), ...Array.from({ length: 100 }, async () => client.get('/me'))]);
    expect(new Set(race.map(verdict)).has('500 internal_error')).toBe(false);
    const later = await Promise.all(Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? client : client.at(`${other.base}/api/v1`)).get('/me')));
    expect([...new Set(later.map(verdict))]).toEqual(['401 token_revoked']);
  });
});

describe('revocation', () => {
  const remembered = async () => (await world.database.sql('SELECT jti FROM oauth_revoked_tokens')).length;

  it('of what is not the client’s own is a 200 without effect', async () => {
    const workspace = await world.token(admin);
    const [siblings, strangers, own] = [await accessToken(world, sibling), await accessToken(world, theirs), await accessToken(world, app)];
    const [header, payload, signature = ''] = own.token.split('.');
    const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const before = await remembered();
    for (const token of [siblings.token, strangers.token, workspace.token, admin.accessToken, admin.refreshToken, forged, 'garbage', 'a.b.c', app.secret, '__proto__', 'x'.repeat(5_000)]) {
      for (const hint of ['access_token', 'refresh_token', 'unknown']) {
        const { status, body, headers } = await revoke(token, app, { token_type_hint: hint });
        expect([token, status, body, headers.get('cache-control')]).toEqual([token, 200, {}, 'no-store']);
      }
    }
    expect(await remembered()).toBe(before);
    for (const client of [siblings.client, strangers.client, own.client, workspace.client, admin.client]) expect(verdict(await client.get('/me'))).toBe('200');
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: admin.refreshToken }))).toBe('200');
    admin = await world.login(admin.email);
  });

  it('of one’s own takes twice, and twenty at once, for once', async () => {
    const { token, client } = await accessToken(world, app);
    const before = await remembered();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => revoke(token, app)));
    expect([...answers, await revoke(token, app)].map(({ status }) => status)).toEqual(Array.from({ length: 21 }, () => 200));
    expect([await remembered(), verdict(await client.get('/me'))]).toEqual([before + 1, '401 token_revoked']);
    const { data } = (await admin.client.get('/audit_events?action=oauth_token.revoked')).body;
    const itself = { type: 'oauth_application', id: app.id, name: expect.any(String) };
    const ofThis = data.filter(({ metadata }: { metadata: { jti: string } }) => metadata.jti === decodeJwt(token).jti);
    expect(ofThis).toEqual([expect.objectContaining({ actor: itself, target: itself, request_id: expect.any(String) })]);
  });

  it('that cannot be recorded does not happen, and happens later', async () => {
    const { token, client } = await accessToken(world, app);
    await world.database.sql(`ALTER TABLE audit_entries ADD CONSTRAINT out_of_ink CHECK (false) NOT VALID`);
    const { status } = await revoke(token, app);
    await world.database.sql('ALTER TABLE audit_entries DROP CONSTRAINT out_of_ink');
    expect([status, verdict(await client.get('/me'))]).toEqual([500, '200']);
    expect([(await revoke(token, app)).status, verdict(await client.get('/me'))]).toEqual([200, '401 token_revoked']);
  });

  it.each(['revoke', 'introspect'])('and introspection ask for a token, once: %s', async (path) => {
    for (const form of ['', 'token=', 'token=a&token=b', 'token_type_hint=access_token']) {
      expect([form, envelope(await endpoint(world, path)(form, basic(app)))]).toEqual([form, refusal(400, 'invalid_request')]);
    }
    expect(envelope(await endpoint(world, path)('token=x'))).toBe(refusal(401, 'invalid_client'));
  });
});

describe('introspection', () => {
  const seconds = (text: string) => Math.floor(Date.parse(text) / 1000);

  it('tells of an OAuth access token what it says, and what it opens now', async () => {
    const { token } = await accessToken(world, app, 'issues:read');
    const { iat, exp, jti } = decodeJwt(token);
    const { id: user, email } = (await world.bearer(token).get('/me')).body;
    expect(user).toEqual(expect.any(Number));
    expect(await introspect(token)).toEqual({
      active: true,
      scope: 'issues:read',
      token_type: 'Bearer',
      sub: app.clientId,
      username: email,
      client_id: app.clientId,
      iss: ISSUER,
      aud: ISSUER,
      iat,
      exp,
      jti,
      org: admin.organizationId,
      product: 'spravce-gdpr',
      credential: { type: 'oauth_application', id: app.id },
    });
  });

  it('tells of a session, and of a workspace token with an end and without', async () => {
    const end = new Date(world.clock.now().getTime() + 3_600_000).toISOString();
    const [ending, endless] = [await world.token(admin, { scopes: ['issues:read'], expires_at: end }), await world.token(admin)];
    const common = { active: true, token_type: 'Bearer', sub: String(admin.id), username: admin.email, org: admin.organizationId, product: 'spravce-gdpr' };
    const all = 'issues projects comments workflows users notifications admin';
    expect(await introspect(admin.accessToken)).toEqual({ ...common, scope: all, exp: decodeJwt(admin.accessToken).exp, credential: { type: 'session', id: sessionOf(admin.accessToken) } });
    expect(await introspect(ending.token)).toEqual({ ...common, scope: 'issues:read', exp: seconds(end), credential: { type: 'workspace_token', id: ending.id } });
    expect(await introspect(endless.token)).toEqual({ ...common, scope: all, credential: { type: 'workspace_token', id: endless.id } });
  });

  it('tells the scope as the owner’s role has narrowed it', async () => {
    const second = await world.member(admin, 'admin');
    const { token } = await world.token(second, { scopes: ['issues', 'admin'] });
    await admin.client.patch(`/users/${second.id}`, { user: { role: 'viewer' } });
    expect((await introspect(token)).scope).toBe('issues:read');
  });

  it('tells any client of the organization, whatever its own scopes, and no other organization’s', async () => {
    const modest = await application(admin, { scopes: ['comments:read'] });
    const tokens = [(await accessToken(world, app)).token, admin.accessToken, (await world.token(admin)).token];
    for (const token of tokens) {
      expect((await introspect(token, modest)).active).toBe(true);
      expect(await introspect(token, theirs)).toEqual(INACTIVE);
    }
    expect((await introspect((await accessToken(world, theirs)).token, theirs)).active).toBe(true);
  });

  it('says of all else that it is inactive, and nothing more', async () => {
    const person = await world.login(admin.email);
    await person.client.post('/auth/logout');
    const ended = await world.token(admin);
    await admin.client.delete(`/workspace_api_tokens/${ended.id}`);
    await world.register({ email: neighbour.email });
    const { login_token: ticket } = (await world.visitor.post('/auth/login', { email: neighbour.email, password: PASSWORD })).body;
    const own = await accessToken(world, app);
    const dead = [
      person.accessToken, person.refreshToken, admin.refreshToken, ended.token, ticket, app.secret, sibling.secret, 'garbage', `${own.token}x`, own.token.slice(0, -1), 'a.b.c', 'wksp_', '{}', 'x'.repeat(20_000),
    ];
    for (const token of dead) expect([token, await introspect(token), await introspect(token, app)]).toEqual([token, INACTIVE, INACTIVE]);
    for (const hint of ['access_token', 'refresh_token']) {
      expect((await endpoint(world, 'introspect')({ token: own.token, token_type_hint: hint }, basic(app))).body.active).toBe(true);
    }
  });

  it('is no use of what it is asked about', async () => {
    const { id, token } = await world.token(admin);
    await introspect(token);
    expect((await admin.client.get(`/workspace_api_tokens/${id}`)).body.last_used_at).toBeNull();
  });

  it('says of an outage or a fault that it is one: never that the token is inactive', async () => {
    const { token } = await accessToken(world, app);
    const ask = async (credential: string) => endpoint(world, 'introspect')({ token: credential }, basic(app));
    await world.database.outage(async () => {
      for (const path of ['introspect', 'revoke', 'token']) {
        const answer = await endpoint(world, path)({ ...GRANT, token }, basic(app));
        expect([envelope(answer), answer.headers.get('retry-after')]).toEqual([refusal(503, 'temporarily_unavailable'), '1']);
      }
    });
    // The client is known by then; what the token hangs on cannot be read.
    for (const [table, credential] of [['oauth_revoked_tokens', token], ['sessions', admin.accessToken]] as const) {
      await world.database.sql(`ALTER TABLE ${table} RENAME TO gone`);
      const { status, body } = await ask(credential);
      await world.database.sql(`ALTER TABLE gone RENAME TO ${table}`);
      expect([table, status, body.error]).toEqual([table, 500, 'server_error']);
      expect((await ask(credential)).body.active).toBe(true);
    }
  });
});

// Last, since it moves the time of all that is above.
describe('a token lives', () => {
  it('as long as its application says, and not a second more; nor is it revoked any more then', async () => {
    const own = await application(admin, { access_token_ttl: 60 });
    const { client, token } = await world.clock.standing(async () => {
      const obtained = await accessToken(world, own);
      world.clock.advance({ seconds: 59 });
      expect([verdict(await obtained.client.get('/me')), (await introspect(obtained.token)).active]).toEqual(['200', true]);
      return obtained;
    });
    world.clock.advance({ seconds: 1 });
    expect([verdict(await client.get('/me')), await introspect(token)]).toEqual(['401 token_expired', INACTIVE]);
    const before = await world.database.sql('SELECT jti FROM oauth_revoked_tokens');
    expect((await revoke(token, own)).status).toBe(200);
    expect(await world.database.sql('SELECT jti FROM oauth_revoked_tokens')).toEqual(before);
    // Whoever deletes it says so first.
    await admin.client.delete(`/oauth_applications/${own.id}`);
    expect(verdict(await client.get('/me'))).toBe('401 token_revoked');
  });
});

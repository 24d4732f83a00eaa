import { SCOPES } from '#domain';
import { verdict } from '../members/invitations.js';
import type { Answer, Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

/** Tiers beside the trial's: one with every scope that a plan can hold, one with next to none. */
const TIERS = {
  everything: { scopes: ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications'], limits: {} },
  reading: { scopes: ['issues:read'], limits: {} },
};

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  await world.database.sql(`UPDATE products SET plans = plans || $1::jsonb WHERE slug = 'spravce-gdpr'`, [JSON.stringify(TIERS)]);
  admin = await world.register();
  await moveTo('everything', admin);
});
afterAll(async () => {
  await world.stop();
});

async function moveTo(tier: string, { organizationId }: Person): Promise<void> {
  await world.database.sql('UPDATE subscriptions SET plan_tier = $2 WHERE organization_id = $1', [organizationId, tier]);
}

const TOKENS = '/workspace_api_tokens';
const issue = async (token: object, { client }: Pick<Person, 'client'> = admin) => client.post(TOKENS, { workspace_api_token: { name: 'CI', ...token } });
const end = (days: number) => new Date(world.clock.now().getTime() + days * 86_400_000).toISOString();
const tokenRows = async () => world.database.sql('SELECT t.id, t.scopes, t.full_access, t.token_prefix, s.digest, s.ends_at FROM workspace_tokens t JOIN workspace_token_secrets s ON s.token_id = t.id ORDER BY 1, 6');

/** Requests that change nothing and name nothing that is there: whoever may, is told that something is missing. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  'issues:read': ['GET /issues', 'GET /issues/999999', 'GET /issue_schema', 'GET /ext/issues'],
  'issues:write': ['POST /issues', 'PATCH /issues/999999', 'DELETE /issues/999999', 'POST /issues/999999/transition', 'POST /ext/issues'],
  'projects:read': ['GET /projects', 'GET /projects/999999', 'GET /projects/999999/milestones'],
  'projects:write': ['POST /projects', 'PATCH /projects/999999', 'DELETE /projects/999999', 'POST /projects/999999/milestones'],
  'comments:read': ['GET /issues/999999/comments', 'GET /issues/999999/comments/999999'],
  'comments:write': ['POST /issues/999999/comments', 'PATCH /issues/999999/comments/999999', 'DELETE /issues/999999/comments/999999'],
  'workflows:read': ['GET /workflows', 'GET /workflows/999999'],
  'analytics:read': ['GET /analytics/usage'],
  'users:read': ['GET /users', 'GET /users/999999'],
  admin: [
    `GET ${TOKENS}`, `POST ${TOKENS}`, `GET ${TOKENS}/999999`, `PATCH ${TOKENS}/999999`, `POST ${TOKENS}/999999/rotate`, `DELETE ${TOKENS}/999999`,
    'POST /users', 'PATCH /users/999999', 'DELETE /users/999999',
  ],
};
const ALL = Object.values(PROBES).flat();
const ANYBODYS = ['GET /me', 'GET /users/current', 'GET /ext/rate_limit', 'GET /scopes'];

async function probe(client: Client, line: string): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ');
  return client.send(method as 'GET', path, method === 'GET' || method === 'DELETE' ? undefined : {});
}

/** Which of the probes this caller is let through to, and what the others are told. */
async function opened(client: Client): Promise<{ open: string[]; refusals: string[] }> {
  const answers = await Promise.all(ALL.map(async (line) => [line, await probe(client, line)] as const));
  const refused = answers.filter(([, { status }]) => status === 403);
  for (const [, { status }] of answers) expect([200, 403, 404, 422]).toContain(status);
  return { open: answers.filter(([, { status }]) => status !== 403).map(([line]) => line), refusals: [...new Set(refused.map(([, answer]) => verdict(answer)))] };
}

/** What a scope opens by its name: its halves, or what it is itself. */
const promised = (scope: string) => Object.entries(PROBES).flatMap(([of, lines]) => (of === scope || of.startsWith(`${scope}:`) ? lines : []));

describe('a scope', () => {
  it.each(SCOPES.map((scope) => [scope]))('%s opens its own routes and no other', async (scope) => {
    const { client } = await world.token(admin, { scopes: [scope] });
    const { open, refusals } = await opened(client);
    expect([open, refusals]).toEqual([promised(scope), ['403 insufficient_scope']]);
    expect((await Promise.all(ANYBODYS.map(async (line) => probe(client, line)))).map(verdict)).toEqual(ANYBODYS.map(() => '200'));
    expect(verdict(await client.get('/auth/me'))).toBe('403 forbidden');
  });

  it('that is missing is named in the refusal', async () => {
    const { client } = await world.token(admin, { scopes: ['issues:read'] });
    const { body, headers } = await client.post('/issues', {});
    expect(body).toEqual({ error: 'insufficient_scope', message: expect.any(String), required_scopes: ['issues:write'], request_id: expect.any(String) });
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope", error_description="insufficient_scope", scope="issues:write"');
  });

  it.each([
    [['read:issues'], ['issues:read']],
    [['write:issues', 'read:issues'], ['issues']],
    [['issues:read', 'issues', 'issues:read'], ['issues']],
    [['admin', 'comments:write', 'issues:write', 'issues:read'], ['issues', 'comments:write', 'admin']],
  ])('of the names %j is answered as %j, at once and later', async (scopes, answered) => {
    const { body } = await issue({ scopes });
    expect([body.scopes, body.full_access]).toEqual([answered, false]);
    expect((await admin.client.get(`${TOKENS}/${body.id}`)).body.scopes).toEqual(answered);
    expect((await world.bearer(body.token).get('/me')).body.scopes).toEqual(answered);
  });
});

describe('full access', () => {
  it.each([[{}], [{ scopes: [] }]])('is what %j asks for, administration included', async (asked) => {
    const { body } = await issue(asked);
    expect([body.scopes, body.full_access]).toEqual([[], true]);
    expect(await opened(world.bearer(body.token))).toEqual({ open: ALL, refusals: [] });
  });

  it('is a fact of its own: a list of scopes that a fault emptied opens nothing', async () => {
    const { id, client } = await world.token(admin, { scopes: ['issues', 'projects', 'admin'] });
    await world.database.sql(`UPDATE workspace_tokens SET scopes = '{}' WHERE id = $1`, [id]);
    expect(await opened(client)).toEqual({ open: [], refusals: ['403 insufficient_scope'] });
    expect((await client.get('/me')).body.scopes).toEqual([]);
    const { scopes, full_access: isFull } = (await admin.client.get(`${TOKENS}/${id}`)).body;
    expect([scopes, isFull]).toEqual([[], false]);
  });

  it('stands beside no scopes: the database takes no token that has both', async () => {
    const { id } = await world.token(admin, { scopes: ['issues'] });
    await expect(world.database.sql('UPDATE workspace_tokens SET full_access = true WHERE id = $1', [id])).rejects.toThrow('workspace_tokens_check');
  });
});

it.each<[string, unknown, string]>([
  ['null', null, '422 scopes:blank'],
  ['an empty name', [''], '422 scopes:unknown_scope'],
  ['a star', '*', '422 scopes:not_a_list'],
  ['a star in a list', ['*'], '422 scopes:unknown_scope'],
  ['an unknown name', ['issues', 'everything'], '422 scopes:unknown_scope'],
  ['an unknown half', ['issues:delete'], '422 scopes:unknown_scope'],
  ['another case', ['Issues'], '422 scopes:unknown_scope'],
  ['names in one text', 'issues projects', '422 scopes:not_a_list'],
  ['names in one text of a list', ['issues projects'], '422 scopes:unknown_scope'],
  ['a name of Object.prototype', ['toString'], '422 scopes:unknown_scope'],
  ['a thousand unknown names', Array.from({ length: 1_000 }, (_, index) => `scope${index}`), '422 scopes:too_many'],
  ['a thousand times one name', Array.from({ length: 1_000 }, () => 'issues'), '422 scopes:too_many'],
  ['a number', 7, '422 scopes:not_a_list'],
  ['numbers', [7], '422 scopes:not_a_string'],
  ['nothing in a list', [null], '422 scopes:not_a_string'],
  ['a list in a list', [['issues']], '422 scopes:not_a_string'],
  ['an object', { 0: 'issues' }, '422 scopes:not_a_list'],
  ['an object in a list', [{ scope: 'issues' }], '422 scopes:not_a_string'],
  ['yes', true, '422 scopes:not_a_list'],
  ['no text', '', '422 scopes:not_a_list'],
])('%s for scopes is refused, and nothing is written', async (_, scopes, refusal) => {
  const callers = [admin, await scopedBy(admin)];
  const before = await tokenRows();
  for (const by of callers) {
    const answer = await issue({ scopes }, by);
    expect(faults(answer)).toBe(refusal);
    expect(answer.body.error).toBe(refusal.endsWith('unknown_scope') ? 'unknown_scope' : 'validation_error');
    expect(answer.body.errors.scopes).toEqual(answer.body.details.map(({ message }: { message: string }) => message));
  }
  expect(await tokenRows()).toEqual(before);
});

/** A token that may issue tokens, and holds little more. */
async function scopedBy(person: Person) {
  return world.token(person, { scopes: ['issues:read', 'admin'] });
}

it('an unknown name is told back, and no more of it than fits', async () => {
  const { body } = await issue({ scopes: ['<script>', 'x'] });
  expect(body.details[0].message).toContain('<script>');
  expect(JSON.stringify((await issue({ scopes: ['y'.repeat(5_000)] })).body)).not.toContain('y'.repeat(101));
});

describe('a token with certain scopes, administration among them', () => {
  it.each<[string, object, string]>([
    ['issues what it holds', { scopes: ['issues:read', 'admin'] }, '201'],
    ['issues less than it holds', { scopes: ['issues:read'] }, '201'],
    ['issues no other half', { scopes: ['issues:write'] }, '403 insufficient_scope'],
    ['issues no whole of its half', { scopes: ['issues'] }, '403 insufficient_scope'],
    ['issues no other scope', { scopes: ['issues:read', 'projects:read'] }, '403 insufficient_scope'],
    ['issues no full access by leaving the scopes out', {}, '403 insufficient_scope'],
    ['issues no full access by an empty list', { scopes: [] }, '403 insufficient_scope'],
  ])('%s', async (_, token, answer) => {
    const by = await scopedBy(admin);
    const before = (await tokenRows()).length;
    expect(verdict(await issue(token, by))).toBe(answer);
    expect((await tokenRows()).length - before).toBe(answer === '201' ? 1 : 0);
  });

  it('is told what it lacks', async () => {
    const { body, headers } = await issue({ scopes: ['issues', 'comments'] }, await scopedBy(admin));
    expect([body.required_scopes, headers.get('www-authenticate')]).toEqual([['issues', 'comments'], expect.stringContaining('scope="issues comments"')]);
  });

  it('issues no full access even with every scope there is', async () => {
    const by = await world.token(admin, { scopes: ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin'] });
    expect(verdict(await issue({}, by))).toBe('403 insufficient_scope');
    expect(verdict(await issue({ scopes: ['issues', 'users'] }, by))).toBe('201');
  });

  it('rotates no stronger token, and what it was refused still works', async () => {
    const by = await scopedBy(admin);
    for (const stronger of [await world.token(admin), await world.token(admin, { scopes: ['issues'] }), await world.token(admin, { scopes: ['issues:read', 'users:read'] })]) {
      const before = await tokenRows();
      expect(verdict(await by.client.post(`${TOKENS}/${stronger.id}/rotate`))).toBe('403 insufficient_scope');
      expect(await tokenRows()).toEqual(before);
      expect(verdict(await stronger.client.get('/me'))).toBe('200');
    }
    const weaker = await world.token(admin, { scopes: ['issues:read'] });
    expect(verdict(await by.client.post(`${TOKENS}/${weaker.id}/rotate`))).toBe('200');
    expect(verdict(await by.client.post(`${TOKENS}/${by.id}/rotate`))).toBe('200');
  });

  it('ends and renames a stronger one: that hands out nothing', async () => {
    const by = await scopedBy(admin);
    const stronger = await world.token(admin);
    expect(verdict(await by.client.patch(`${TOKENS}/${stronger.id}`, { name: 'Other' }))).toBe('200');
    expect(verdict(await by.client.delete(`${TOKENS}/${stronger.id}`))).toBe('204');
    expect(verdict(await stronger.client.get('/me'))).toBe('401 token_revoked');
  });

  it('makes no admin, neither by an invitation nor by a role, and makes members', async () => {
    const { client } = await scopedBy(admin);
    const member = await world.member(admin);
    const memberships = async () => world.database.sql('SELECT user_id, role, invited_email FROM memberships ORDER BY id');
    const before = await memberships();
    const invite = async (by: Client, role: string) => by.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role } });
    expect(verdict(await invite(client, 'admin'))).toBe('403 insufficient_scope');
    expect(verdict(await client.patch(`/users/${member.id}`, { user: { role: 'admin' } }))).toBe('403 insufficient_scope');
    expect(await memberships()).toEqual(before);
    expect(verdict(await invite(client, 'member'))).toBe('201');
    expect(verdict(await client.patch(`/users/${member.id}`, { user: { role: 'viewer' } }))).toBe('200');
    const full = await world.token(admin);
    expect(verdict(await invite(full.client, 'admin'))).toBe('201');
    expect(verdict(await full.client.patch(`/users/${member.id}`, { user: { role: 'admin' } }))).toBe('200');
  });
});

describe('a token that ends', () => {
  it('issues nothing that outlives it, and rotates nothing that does', async () => {
    const by = await world.token(admin, { expires_at: end(30) });
    const own = (await admin.client.get(`${TOKENS}/${by.id}`)).body.expires_at;
    const outlives = async (expires_at: unknown) => issue({ scopes: ['issues'], expires_at }, by);
    const { body, headers } = await outlives(end(31));
    expect([body.error, body.required_scopes]).toEqual(['insufficient_scope', []]);
    // RFC 6750 §3 knows no empty list of scopes.
    expect(headers.get('www-authenticate')).toMatch(/error="insufficient_scope"(?!.*, scope=)/);
    expect([await outlives(null), await outlives(undefined), await outlives(own), await outlives(end(29))].map(verdict)).toEqual([
      '403 insufficient_scope', '403 insufficient_scope', '201', '201',
    ]);
    const [longer, endless, shorter] = [await world.token(admin, { scopes: ['issues'], expires_at: end(31) }), await world.token(admin, { scopes: ['issues'] }), await world.token(admin, { expires_at: end(1) })];
    const rotate = async ({ id }: { id: number }) => verdict(await by.client.post(`${TOKENS}/${id}/rotate`));
    expect([await rotate(longer), await rotate(endless), await rotate(shorter), await rotate(by)]).toEqual(['403 insufficient_scope', '403 insufficient_scope', '200', '200']);
  });

  it('does not bind a person: what a session issues may outlive it', async () => {
    expect(verdict(await issue({ expires_at: null }))).toBe('201');
    expect(verdict(await issue({ expires_at: end(3_000) }))).toBe('201');
  });
});

describe('who holds everything', () => {
  it('issues everything, also what the plan lacks, which opens once the plan holds it', async () => {
    const person = await world.register();
    const full = await world.token(person);
    for (const by of [person, full]) {
      const { status, body } = await issue({ scopes: ['analytics', 'issues:read'] }, by);
      expect([status, body.scopes]).toEqual([201, ['issues:read', 'analytics']]);
      const client = world.bearer(body.token);
      expect(verdict(await client.get('/analytics/usage'))).toBe('403 feature_disabled');
      await moveTo('everything', person);
      expect(verdict(await client.get('/analytics/usage'))).toBe('200');
      await moveTo('team', person);
    }
    expect(verdict(await issue({}, full))).toBe('201');
  });
});

describe('who is no admin', () => {
  it.each(['member', 'viewer'] as const)('keeps no tokens as a %s', async (role) => {
    const { client } = await world.member(admin, role);
    const { id } = await world.token(admin, { scopes: ['issues:read'] });
    const lines = [
      await client.get(TOKENS), await client.get(`${TOKENS}/${id}`), await issue({ scopes: ['issues:read'] }, { client }), await client.patch(`${TOKENS}/${id}`, { name: 'x' }),
      await client.post(`${TOKENS}/${id}/rotate`), await client.delete(`${TOKENS}/${id}`), await client.get(`${TOKENS}/999999`),
    ];
    expect(lines.map(verdict)).toEqual(lines.map(() => '403 forbidden'));
  });

  it('any more has tokens that keep none any more, at once, and that still open what is left of the role', async () => {
    const second = await world.member(admin, 'admin');
    const tokens = [await world.token(second), await world.token(second, { scopes: ['issues', 'projects', 'admin'] })];
    const verdicts = async (...lines: string[]) => Promise.all(tokens.flatMap(({ client }) => lines.map(async (line) => verdict(await probe(client, line)))));
    const lines = [`GET ${TOKENS}`, 'POST /projects', 'GET /projects'];
    expect(await verdicts(...lines)).toEqual(['200', '422 validation_error', '200', '200', '422 validation_error', '200']);
    await admin.client.patch(`/users/${second.id}`, { user: { role: 'member' } });
    expect(await verdicts(...lines)).toEqual(['403 forbidden', '422 validation_error', '200', '403 forbidden', '422 validation_error', '200']);
    await admin.client.patch(`/users/${second.id}`, { user: { role: 'viewer' } });
    expect(await verdicts(...lines)).toEqual(['403 forbidden', '403 forbidden', '200', '403 forbidden', '403 forbidden', '200']);
    expect((await tokens[1]?.client.get('/me'))?.body.scopes).toEqual(['issues:read', 'projects:read']);
    await admin.client.patch(`/users/${second.id}`, { user: { role: 'admin' } });
    expect(await verdicts(`GET ${TOKENS}`)).toEqual(['200', '200']);
  });
});

describe('the plan', () => {
  it('narrows a token at its next request and widens it at its next request', async () => {
    const person = await world.register();
    await moveTo('everything', person);
    const scoped = await world.token(person, { scopes: ['issues', 'projects'] });
    const full = await world.token(person);
    const verdicts = async (client: Client) => Promise.all(['GET /issues', 'POST /issues', 'GET /projects', `GET ${TOKENS}`].map(async (line) => verdict(await probe(client, line))));
    const wide = async () => [await verdicts(scoped.client), (await scoped.client.get('/me')).body.scopes, await verdicts(full.client)];
    const before = await wide();
    expect(before).toEqual([
      ['200', '422 validation_error', '200', '403 insufficient_scope'], ['issues', 'projects'], ['200', '422 validation_error', '200', '200'],
    ]);
    await moveTo('reading', person);
    expect(await wide()).toEqual([
      ['200', '403 feature_disabled', '403 feature_disabled', '403 insufficient_scope'], ['issues:read'], ['200', '403 feature_disabled', '403 feature_disabled', '200'],
    ]);
    await moveTo('everything', person);
    expect(await wide()).toEqual(before);
  });

  it('whose own scopes change narrows and widens in the same way', async () => {
    const person = await world.register();
    await moveTo('reading', person);
    const { client } = await world.token(person, { scopes: ['issues'] });
    const declare = async (scopes: string[]) => world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{reading,scopes}', $1::jsonb) WHERE slug = 'spravce-gdpr'`, [JSON.stringify(scopes)]);
    const told = [];
    for (const scopes of [[], ['issues'], ['issues:read']]) {
      await declare(scopes);
      told.push([verdict(await client.get('/issues')), verdict(await client.post('/issues', {}))]);
    }
    expect(told).toEqual([['403 feature_disabled', '403 feature_disabled'], ['200', '422 validation_error'], ['200', '403 feature_disabled']]);
  });
});

describe('while the subscription has lapsed', () => {
  it('tokens can be looked at and ended, by an admin and by a token with administration, and nothing else', async () => {
    const person = await world.register();
    const { organizationId } = person;
    const [full, keeper, worker, doomed, alsoDoomed] = [
      await world.token(person), await world.token(person, { scopes: ['issues:read', 'admin'] }), await world.token(person, { scopes: ['issues', 'projects'] }),
      await world.token(person), await world.token(person),
    ];
    const lapse = async (status: string) => world.database.sql('UPDATE subscriptions SET status = $2 WHERE organization_id = $1', [organizationId, status]);
    const usual = (await world.database.sql<{ status: string }>('SELECT status FROM subscriptions WHERE organization_id = $1', [organizationId]))[0]?.status ?? '';
    await lapse('canceled');
    const lines = [
      `GET ${TOKENS}`, `GET ${TOKENS}/${full.id}`, `DELETE ${TOKENS}/999999`, `POST ${TOKENS}`, `PATCH ${TOKENS}/${full.id}`, `POST ${TOKENS}/${full.id}/rotate`,
      'GET /issues', 'POST /issues', 'GET /projects', 'GET /me', 'GET /scopes', 'GET /ext/rate_limit', 'POST /users', 'PATCH /users/999999',
    ];
    const verdicts = async (client: Client) => Promise.all(lines.map(async (line) => verdict(await probe(client, line))));
    const closed = lines.slice(3).map(() => '403 subscription_inactive');
    const later = await world.login(person.email);
    for (const { client } of [person, later, full, keeper]) expect(await verdicts(client)).toEqual(['200', '200', '404 not_found', ...closed]);
    expect(await verdicts(worker.client)).toEqual(['403 insufficient_scope', '403 insufficient_scope', '403 insufficient_scope', ...closed]);
    expect([verdict(await keeper.client.delete(`${TOKENS}/${doomed.id}`)), verdict(await later.client.delete(`${TOKENS}/${alsoDoomed.id}`))]).toEqual(['204', '204']);
    expect([verdict(await doomed.client.get(TOKENS)), verdict(await alsoDoomed.client.get(TOKENS))]).toEqual(['401 token_revoked', '401 token_revoked']);
    await lapse(usual);
    expect([verdict(await worker.client.get('/issues')), verdict(await full.client.get('/me'))]).toEqual(['200', '200']);
  });
});

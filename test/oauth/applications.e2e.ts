import { createHash } from 'node:crypto';
import { eventually, recorded } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { accessToken, anotherSecret, application, basic, endpoint, GRANT, type Registered } from './application.js';
import { clientKey } from './client-key.js';

const APPLICATIONS = '/oauth_applications';
const EVERYTHING = ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin'];
const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const at = ({ id }: Pick<Registered, 'id'>, path = '') => `${APPLICATIONS}/${id}${path}`;
const register = async (facts: object, { client }: { client: Client } = admin) => client.post(APPLICATIONS, { oauth_application: { name: 'Sync', ...facts } });
const mayObtain = async (credentials: { clientId: string; secret: string }) => (await endpoint(world, 'token')(GRANT, basic(credentials))).status === 200;
const endsIn = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString();

/** All that stands of applications, but for when a secret was used. */
async function stored(): Promise<unknown> {
  const [applications, secrets, users] = [
    await world.database.sql('SELECT * FROM oauth_applications ORDER BY id'),
    await world.database.sql(`SELECT to_jsonb(s) - 'last_used_at' AS row FROM oauth_secrets s ORDER BY id`),
    await world.database.sql('SELECT * FROM users WHERE is_service ORDER BY id'),
  ];
  return { applications, secrets, users };
}

describe('an application', () => {
  it('is registered with one secret, and shown and listed without it', async () => {
    const owner = await world.register();
    const { status, body } = await register({ scopes: ['read:issues', 'projects'], access_token_ttl: 600 }, owner);
    const secret = { id: expect.any(Number), prefix: expect.stringMatching(/^kcs_[0-9a-f]{8}$/), created_at: MOMENT, last_used_at: null, expires_at: null };
    const shown = { id: expect.any(Number), name: 'Sync', client_id: expect.stringMatching(/^app_[\w-]{22}$/), scopes: ['issues:read', 'projects'], access_token_ttl: 600, jwks: null, secrets: [secret], created_at: MOMENT };
    expect([status, body]).toEqual([201, { ...shown, client_secret: expect.stringMatching(/^kcs_[0-9a-f]{48}$/) }]);
    expect(body.client_secret.startsWith(body.secrets[0].prefix)).toBe(true);
    const { client_secret: told, ...rest } = body;
    expect(told.length).toBe(52);
    expect((await owner.client.get(at(body))).body).toEqual(rest);
    expect((await owner.client.get(APPLICATIONS)).body).toEqual({ data: [rest], meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 1 } });
  });

  it('asks for everything where it names no scopes, and lives an hour where it names no life', async () => {
    const { body } = await register({});
    expect([body.scopes, body.access_token_ttl]).toEqual([EVERYTHING, 3_600]);
  });

  it('never reads an emptied list as everything', async () => {
    const own = await application(admin, { scopes: ['issues'] });
    for (const answer of [await register({ scopes: [] }), await admin.client.patch(at(own), { scopes: [] })]) expect(verdict(answer)).toBe('422 validation_error');
    expect((await admin.client.get(at(own))).body.scopes).toEqual(['issues']);
  });

  it('leaves no entry where a change changes nothing, and names what it changed as clients do', async () => {
    const own = await application(admin, { name: 'Sync', scopes: ['issues'] });
    expect(await recorded(world, async () => {
      for (const facts of [{}, { name: 'Sync' }, { scopes: ['issues'] }]) await admin.client.patch(at(own), facts);
    })).toEqual([]);
    await admin.client.patch(at(own), { access_token_ttl: 60, name: 'Sync' });
    const [entry] = await world.database.sql<{ metadata: { changed: string[] } }>(`SELECT metadata FROM audit_entries WHERE action = 'oauth_application.updated' AND target_id = $1`, [String(own.id)]);
    expect(entry?.metadata.changed).toEqual(['access_token_ttl']);
  });

  it('changes what it is told to, and nothing else', async () => {
    const { jwk } = clientKey();
    const { body: before } = await register({ scopes: ['issues'] });
    const { client_secret: told, ...rest } = before;
    expect((await admin.client.patch(at(before), { oauth_application: { name: 'Renamed', client_id: 'app_mine', id: 1, organization_id: 1, secrets: [], deleted_at: '2020-01-01', client_secret: told } })).body).toEqual({ ...rest, name: 'Renamed' });
    const after = await admin.client.patch(at(before), { scopes: ['comments', 'issues:read'], access_token_ttl: 60, jwks: { keys: [{ ...jwk, use: 'sig', x5u: 'https://evil.example/' }] } });
    expect([after.status, after.body]).toEqual([200, { ...rest, name: 'Renamed', scopes: ['issues:read', 'comments'], access_token_ttl: 60, jwks: { keys: [jwk] } }]);
    expect((await admin.client.get(at(before))).body).toEqual(after.body);
    expect((await admin.client.patch(at(before), { jwks: null })).body.jwks).toBeNull();
  });

  it('that is deleted is gone, with its secrets, and stays so', async () => {
    const own = await application(admin);
    expect(verdict(await admin.client.delete(at(own)))).toBe('204');
    const answers = [
      await admin.client.get(at(own)), await admin.client.patch(at(own), { name: 'X' }), await admin.client.delete(at(own)), await admin.client.post(at(own, '/secrets'), {}), await admin.client.delete(at(own, `/secrets/${own.secretId}`)),
    ];
    expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
    expect((await admin.client.get(`${APPLICATIONS}?per_page=100`)).body.data.map(({ id }: { id: number }) => id)).not.toContain(own.id);
  });

  const keyed = (...keys: unknown[]) => ({ jwks: { keys } });
  it.each<[string, object, string]>([
    ['no name', { name: undefined }, 'name:blank'],
    ['a blank name', { name: ' ' }, 'name:blank'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name:too_long'],
    ['two lines for a name', { name: 'a\nb' }, 'name:invalid'],
    ['a list for a name', { name: ['x'] }, 'name:not_a_string'],
    ['null for scopes', { scopes: null }, 'scopes:blank'],
    ['an empty scope', { scopes: [''] }, 'scopes:unknown_scope'],
    ['a star', { scopes: '*' }, 'scopes:not_a_list'],
    ['an unknown scope', { scopes: ['issues', 'openid'] }, 'scopes:unknown_scope'],
    ['a thousand scopes', { scopes: Array.from({ length: 1_000 }, () => 'issues') }, 'scopes:too_many'],
    ['a life of 59 seconds', { access_token_ttl: 59 }, 'access_token_ttl:too_small'],
    ['a life of more than an hour', { access_token_ttl: 3_601 }, 'access_token_ttl:too_large'],
    ['a life of no number', { access_token_ttl: 'x' }, 'access_token_ttl:not_a_number'],
    ['half a second', { access_token_ttl: 60.5 }, 'access_token_ttl:not_a_number'],
    ['keys that are none', { jwks: 'x' }, 'jwks:invalid'],
    ['no keys', keyed(), 'jwks:invalid'],
    ['a key that is null', keyed(null), 'jwks:invalid'],
    ['a private key', keyed({ ...clientKey().jwk, d: 'AAAA' }), 'jwks:invalid'],
    ['one key twice', keyed(clientKey().jwk, clientKey().jwk), 'jwks:invalid'],
    ['six keys', keyed(...['a', 'b', 'c', 'd', 'e', 'f'].map((kid) => clientKey('ES256', kid).jwk)), 'jwks:too_many'],
  ])('is not registered, nor changed, with %s', async (_, facts, fault) => {
    const own = await application(admin);
    const before = await stored();
    expect(faults(await register(facts))).toBe(`422 ${fault}`);
    if (!('name' in facts && facts.name === undefined)) expect(faults(await admin.client.patch(at(own), { oauth_application: facts }))).toBe(`422 ${fault}`);
    expect(await stored()).toEqual(before);
  });
});

describe('a secret', () => {
  it('is told once, and kept as a digest that nothing else says', async () => {
    world.logs.length = 0;
    const own = await application(admin);
    const second = await anotherSecret(admin, own);
    await accessToken(world, second);
    await endpoint(world, 'token')({ ...GRANT, client_id: own.clientId, client_secret: own.secret });
    await endpoint(world, 'introspect')({ token: own.secret }, basic(second));
    await admin.client.patch(at(own), { name: 'Told' });
    const digests = await world.database.sql<{ digest: Buffer }>('SELECT digest FROM oauth_secrets WHERE application_id = $1 ORDER BY id', [own.id]);
    expect(digests.map(({ digest }) => digest)).toEqual([own, second].map(({ secret }) => createHash('sha256').update(secret).digest()));
    const text = [world.logs.join(''), JSON.stringify((await admin.client.get(at(own))).body), await dump()].join('');
    for (const { secret } of [own, second]) {
      expect(text).toContain(secret.slice(0, 12));
      const told = Buffer.from(secret);
      for (const spelling of [secret.slice(12), told.toString('hex'), told.toString('base64').slice(0, 60)]) expect(text.includes(spelling) ? spelling : 'kept').toBe('kept');
    }
    expect(world.logs.length).toBeGreaterThan(5);
  });

  /** Every row of every table, in the text that PostgreSQL makes of it. */
  async function dump(): Promise<string> {
    const tables = await world.database.sql<{ name: string }>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'jobs')`);
    const rows: string[] = [];
    for (const { name } of tables) rows.push(...(await world.database.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).map(({ row }) => row));
    return rows.join('\n');
  }

  it('is one of two at most, also where ten are added at once', async () => {
    const own = await application(admin);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => admin.client.post(at(own, '/secrets'), {})));
    expect(answers.map(verdict).sort()).toEqual(['201', ...Array.from({ length: 9 }, () => '422 limit_reached')]);
    const added = answers.find(({ status }) => status === 201)?.body;
    expect(added).toEqual({ id: expect.any(Number), prefix: added.client_secret.slice(0, 12), client_secret: expect.stringMatching(/^kcs_[0-9a-f]{48}$/), expires_at: null });
    expect((await admin.client.get(at(own))).body.secrets.map(({ id }: { id: number }) => id)).toEqual([own.secretId, added.id]);
    await admin.client.delete(at(own, `/secrets/${own.secretId}`));
    expect(verdict(await admin.client.delete(at(own, `/secrets/${own.secretId}`)))).toBe('404 not_found');
    expect(verdict(await admin.client.post(at(own, '/secrets'), {}))).toBe('201');
  });

  it('that has expired makes room, and is shown as it was', async () => {
    const own = await application(admin);
    const second = await anotherSecret(admin, own, { expires_at: endsIn(3_600) });
    await world.database.sql(`UPDATE oauth_secrets SET expires_at = now() - interval '1 second' WHERE id = $1`, [second.secretId]);
    const third = await anotherSecret(admin, own);
    expect([await mayObtain(own), await mayObtain(second), await mayObtain(third)]).toEqual([true, false, true]);
    expect((await admin.client.get(at(own))).body.secrets.map(({ expires_at: end }: { expires_at: string | null }) => end)).toEqual([null, MOMENT, null]);
  });

  it.each<[unknown, string]>([
    ['2020-01-01T00:00:00Z', 'expires_at:not_in_future'],
    ['tomorrow', 'expires_at:invalid'],
    [7, 'expires_at:not_a_string'],
  ])('cannot end at %j', async (end, fault) => {
    const own = await application(admin);
    const before = await stored();
    expect(faults(await admin.client.post(at(own, '/secrets'), { expires_at: end }))).toBe(`422 ${fault}`);
    expect(await stored()).toEqual(before);
  });

  it('is replaced without a moment in which neither works', async () => {
    const first = await application(admin);
    const progress = { done: false, turns: 0 };
    const failures: number[] = [];
    const current = { credentials: first };
    const client = (async () => {
      while (!progress.done) {
        const { status, body } = await endpoint(world, 'token')(GRANT, basic(current.credentials));
        if (status !== 200 || (await world.bearer(body.access_token).get('/issues')).status !== 200) failures.push(status);
        progress.turns += 1;
      }
    })();
    const second = await anotherSecret(admin, first);
    const both = [await mayObtain(first), await mayObtain(second)];
    current.credentials = second;
    // What is under way with the first ends first.
    const under = progress.turns;
    await eventually(async () => progress.turns > under);
    await admin.client.delete(at(first, `/secrets/${first.secretId}`));
    const afterwards = [await mayObtain(first), await mayObtain(second), await mayObtain(second)];
    progress.done = true;
    await client;
    expect([both, afterwards, failures]).toEqual([[true, true], [false, true, true], []]);
  });

  it('says within ten seconds when it was used, by one write for many tokens', async () => {
    const own = await application(admin);
    const unused = await anotherSecret(admin, own);
    await world.database.sql(`CREATE SEQUENCE writes; CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''writes''); RETURN NEW; END'`);
    await world.database.sql(`CREATE TRIGGER count_write BEFORE UPDATE ON oauth_secrets FOR EACH ROW WHEN (NEW.id = ${own.secretId}) EXECUTE FUNCTION count_write()`);
    const [before, begun] = [world.clock.now().getTime(), performance.now()];
    await Promise.all(Array.from({ length: 40 }, async () => mayObtain(own)));
    const after = world.clock.now().getTime();
    await endpoint(world, 'token')(GRANT, basic({ ...unused, secret: 'wrong' }));
    const used = async () => (await admin.client.get(at(own))).body.secrets.map(({ last_used_at: use }: { last_used_at: string | null }) => use) as (string | null)[];
    await eventually(async () => (await used())[0] !== null, 10);
    const [first, second] = await used();
    const moment = Date.parse(first ?? '');
    expect([moment >= before - 5_000 && moment <= after + 5_000, second]).toEqual([true, null]);
    const [writes] = await world.database.sql<{ n: string }>('SELECT last_value AS n FROM writes WHERE is_called');
    // A round comes every five seconds.
    expect(Number(writes?.n)).toBeLessThanOrEqual(2 + (performance.now() - begun) / 5_000);
    await world.database.sql('DROP TRIGGER count_write ON oauth_secrets');
  });
});

describe('whoever hands out an application', () => {
  let weak: Registered;
  let strong: Registered;
  beforeAll(async () => {
    [weak, strong] = [await application(admin, { scopes: ['issues:read'] }), await application(admin, { scopes: ['issues', 'projects'] })];
  });
  const { jwk } = clientKey();
  const keys = { jwks: { keys: [jwk] } };
  /** What a credential with issues:read and admin, and no end, may. */
  const rules: [string, string, (client: Client) => ReturnType<Client['post']>][] = [
    ['registers what it holds', '201', async (client) => register({ scopes: ['issues:read'] }, { client })],
    ['registers nothing beyond', '403 insufficient_scope', async (client) => register({ scopes: ['issues'] }, { client })],
    ['registers nothing beside', '403 insufficient_scope', async (client) => register({ scopes: ['issues:read', 'users:read'] }, { client })],
    ['registers nothing without scopes', '403 insufficient_scope', async (client) => register({}, { client })],
    ['registers nothing with none', '422 validation_error', async (client) => register({ scopes: [] }, { client })],
    ['registers nothing with null', '422 validation_error', async (client) => register({ scopes: null }, { client })],
    ['widens nothing beyond', '403 insufficient_scope', async (client) => client.patch(at(weak), { scopes: ['issues'] })],
    ['widens nothing to everything', '403 insufficient_scope', async (client) => client.patch(at(weak), { scopes: EVERYTHING })],
    ['adds no secret to a stronger one', '403 insufficient_scope', async (client) => client.post(at(strong, '/secrets'), {})],
    ['puts no key on a stronger one', '403 insufficient_scope', async (client) => client.patch(at(strong), keys)],
    ['puts no key on one that it makes stronger', '403 insufficient_scope', async (client) => client.patch(at(weak), { ...keys, scopes: ['issues', 'admin'] })],
    ['adds a secret to a weaker one', '201', async (client) => client.post(at(await application(admin, { scopes: ['issues:read'] }), '/secrets'), {})],
    ['puts a key on a weaker one', '200', async (client) => client.patch(at(await application(admin, { scopes: ['issues:read'] })), keys)],
    ['widens within what it holds', '200', async (client) => client.patch(at(await application(admin, { scopes: ['issues:read'] })), { scopes: ['issues:read', 'admin'] })],
    ['narrows a stronger one, and renames it', '200', async (client) => client.patch(at(await application(admin)), { name: 'Less', scopes: ['issues:read'] })],
    ['takes the keys from a stronger one', '200', async (client) => client.patch(at(await application(admin, keys)), { jwks: null })],
  ];

  it.each(rules)('by a token with some scopes %s: %s', async (_, answer, act) => {
    const { client } = await world.token(admin, { scopes: ['issues:read', 'admin'] });
    await onlyWhere(answer, async () => act(client));
  });

  it.each(rules)('by an application’s own token %s: %s', async (_, answer, act) => {
    const { client } = await accessToken(world, await application(admin, { scopes: ['issues', 'admin'] }), 'issues:read admin');
    await onlyWhere(answer, async () => act(client));
  });

  /** What is refused leaves everything as it was. */
  async function onlyWhere(answer: string, act: () => ReturnType<Client['post']>): Promise<void> {
    const before = await stored();
    expect(verdict(await act())).toBe(answer);
    if (answer.startsWith('4')) expect(await stored()).toEqual(before);
  }

  it('ends a stronger one: that hands out nothing', async () => {
    for (const { client } of [await world.token(admin, { scopes: ['admin'] }), await accessToken(world, await application(admin, { scopes: ['admin'] }))]) {
      const stronger = await application(admin);
      const second = await anotherSecret(admin, stronger);
      expect(verdict(await client.delete(at(stronger, `/secrets/${second.secretId}`)))).toBe('204');
      expect(verdict(await client.delete(at(stronger)))).toBe('204');
    }
  });

  it('by a token that ends hands out nothing that does not end before', async () => {
    const { client } = await world.token(admin, { expires_at: endsIn(3_600) });
    const own = await application(admin, { scopes: ['issues'], ...keys });
    const refusals = [
      await register({ scopes: ['issues:read'] }, { client }), await client.post(at(own, '/secrets'), {}), await client.post(at(own, '/secrets'), { expires_at: endsIn(3_700) }), await client.patch(at(own), { scopes: ['issues', 'projects'] }),
      await client.patch(at(own), { scopes: EVERYTHING }), await client.patch(at(own), { jwks: { keys: [clientKey().jwk] } }),
    ];
    expect(refusals.map(verdict)).toEqual(refusals.map(() => '403 insufficient_scope'));
    expect([await client.post(at(own, '/secrets'), { expires_at: endsIn(3_500) }), await client.patch(at(own), { scopes: ['issues:read'], name: 'Less', jwks: null })].map(verdict)).toEqual(['201', '200']);
    const endless = await world.token(admin);
    expect([await register({}, endless), await endless.client.patch(at(own), { scopes: EVERYTHING })].map(verdict)).toEqual(['201', '200']);
  });

  it('is an admin, or has their scope: nobody else reads, makes or ends one', async () => {
    const callers = [await world.member(admin), await world.member(admin, 'viewer'), await world.token(await world.member(admin)).catch(() => null), await world.token(admin, { scopes: ['issues', 'projects', 'users'] }), await accessToken(world, strong)];
    const before = await stored();
    const told: string[] = [];
    for (const caller of callers) {
      if (caller === null) continue;
      const { client } = caller;
      const answers = [
        await client.get(APPLICATIONS), await client.get(at(weak)), await register({ scopes: ['issues:read'] }, { client }), await client.patch(at(weak), { name: 'X' }), await client.delete(at(weak)), await client.post(at(weak, '/secrets'), {}), await client.delete(at(weak, `/secrets/${weak.secretId}`)),
      ];
      const verdicts = new Set(answers.map(verdict));
      expect(verdicts.size).toBe(1);
      told.push(...verdicts);
    }
    expect(told).toEqual(['403 forbidden', '403 forbidden', '403 insufficient_scope', '403 insufficient_scope']);
    expect(await stored()).toEqual(before);
  });
});

describe('an application with every scope', () => {
  it('is no person, and issues no workspace tokens', async () => {
    const { client } = await accessToken(world, await application(admin, { scopes: undefined }));
    const { id } = await world.token(admin);
    const tokens = '/workspace_api_tokens';
    const answers = [
      await client.get(tokens), await client.post(tokens, { name: 'X', scopes: ['issues'] }), await client.get(`${tokens}/${id}`), await client.patch(`${tokens}/${id}`, { name: 'X' }), await client.post(`${tokens}/${id}/rotate`), await client.delete(`${tokens}/${id}`),
      await client.get('/auth/me'), await client.put('/auth/me', { name: 'X' }), await client.get('/auth/sessions'), await client.delete('/auth/sessions'), await client.post('/auth/logout'), await client.post('/auth/switch_org', { organization_id: admin.organizationId }),
    ];
    expect(answers.map(verdict)).toEqual(answers.map(() => '403 forbidden'));
    expect(verdict(await admin.client.get(`${tokens}/${id}`))).toBe('200');
  });

  it('administers members, and makes no admins', async () => {
    const { client } = await accessToken(world, await application(admin, { scopes: undefined }));
    const invite = async (role: string) => client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role } });
    expect([await invite('member'), await invite('admin')].map(verdict)).toEqual(['201', '403 insufficient_scope']);
  });
});

describe('its stand-in', () => {
  const facts = async ({ id }: Registered) => {
    const [row] = await world.database.sql<{ id: string; email: string; name: string }>('SELECT u.* FROM users u JOIN oauth_applications a ON a.service_user_id = u.id WHERE a.id = $1', [id]);
    if (row === undefined) throw new Error('nobody');
    return { ...row, id: Number(row.id) };
  };

  it('is whom /me and /users/current name, without a role', async () => {
    const own = await application(admin, { name: 'Robot', scopes: ['issues'] });
    const { id, email } = await facts(own);
    const { client } = await accessToken(world, own);
    const { organization } = (await admin.client.get('/me')).body;
    expect((await client.get('/me')).body).toEqual({
      id, name: 'Robot', email, role: null, organization_id: admin.organizationId, organization, scopes: ['issues'], credential: { type: 'oauth_application', id: own.id, token_prefix: null, expires_at: MOMENT },
    });
    expect((await client.get('/users/current')).body).toMatchObject({ id, name: 'Robot', email, role: null, organization_id: admin.organizationId, deactivated: false, avatar_url: null, created_at: MOMENT });
    expect(verdict(await client.get(`/organizations/${organization.slug}`))).toBe('200');
  });

  it('writes under the application’s name, also when that has changed or it is gone', async () => {
    const own = await application(admin, { name: 'Robot', scopes: ['issues', 'projects', 'comments'] });
    const { id } = await facts(own);
    const { client } = await accessToken(world, own);
    const project = (await client.post('/projects', { project: { name: 'P', project_key: 'ROBOT' } })).body.id as number;
    expect((await client.post(`/projects/${project}/milestones`, { milestone: { name: 'M' } })).body.created_by_id).toBe(id);
    const issue = (await client.post('/issues', { issue: { project_id: project, title: 'T' } })).body.id as number;
    const { body: comment } = await client.post(`/issues/${issue}/comments`, { comment: { body: 'B' } });
    expect(comment.author).toMatchObject({ id, name: 'Robot' });
    expect(verdict(await client.patch(`/issues/${issue}/comments/${comment.id}`, { comment: { body: 'C' } }))).toBe('200');
    await admin.client.patch(at(own), { name: 'Automaton' });
    const author = async () => (await admin.client.get(`/issues/${issue}/comments/${comment.id}`)).body.author.name;
    expect([await author(), (await client.get('/me')).body.name]).toEqual(['Automaton', 'Automaton']);
    await admin.client.delete(at(own));
    expect(await author()).toBe('Automaton');
  });

  it('is no member: never listed, found, counted, assigned or made one', async () => {
    const owner = await world.register({ product: 'kanzlei' });
    const registered = [await application(owner), await application(owner), await application(owner)];
    const { id, email } = await facts(registered[0] as Registered);
    await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{klein,scopes}', '["issues", "projects", "users"]') WHERE slug = 'kanzlei'`);
    const { client } = await world.login(owner.email, PASSWORD, 'kanzlei');
    const { users, meta } = (await client.get('/users')).body;
    expect([users.map((user: { id: number }) => user.id), meta.total_count]).toEqual([[owner.id], 1]);
    expect(verdict(await client.get(`/users/${id}`))).toBe('404 not_found');
    expect([await client.patch(`/users/${id}`, { user: { role: 'admin' } }), await client.delete(`/users/${id}`)].map(verdict)).toEqual(['404 not_found', '404 not_found']);
    const project = (await client.post('/projects', { project: { name: 'P', project_key: 'P' } })).body.id as number;
    expect(verdict(await client.post('/issues', { issue: { project_id: project, title: 'T', assignee_id: id } }))).toBe('422 validation_error');
    expect(verdict(await client.patch(`/projects/${project}`, { project: { lead_id: id } }))).toBe('422 validation_error');
    // The plan has two seats, of which a person has one.
    const invite = async (address: string) => client.post('/users', { user: { email: address, name: 'Eva', role: 'member' } });
    expect([await invite(email), await invite(world.freshEmail()), await invite(world.freshEmail())].map(verdict)).toEqual(['422 validation_error', '201', '422 limit_reached']);
    expect(await world.database.sql('SELECT 1 FROM memberships WHERE user_id = $1', [id])).toEqual([]);
  });

  it('signs in by no password, and gets no mail', async () => {
    const { email, id } = await facts(await application(admin));
    for (const address of [email, email.toLowerCase()]) {
      for (const path of ['/auth/login', '/auth/forgot_password']) expect(verdict(await world.visitor.post(path, { email: address, password: PASSWORD }))).toBe('422 validation_error');
    }
    expect(await world.database.sql('SELECT 1 FROM password_resets WHERE user_id = $1', [id])).toEqual([]);
    // Nobody takes its address, under which it writes.
    expect(verdict(await world.visitor.post('/auth/register', { email, password: PASSWORD, name: 'Eva', organization_name: 'Acme' }))).toBe('422 validation_error');
  });
});

describe('each act', () => {
  it('leaves one entry, by whoever did it', async () => {
    const own = await application(admin);
    const { jwk } = clientKey();
    const machine = await application(admin, { scopes: undefined });
    const token = await world.token(admin);
    const actors: [string, Client][] = [[`user:${admin.id}`, admin.client], [`workspace_token:${token.id}`, token.client], [`oauth_application:${machine.id}`, (await accessToken(world, machine)).client]];
    for (const [actor, client] of actors) {
      const said = async (act: () => Promise<unknown>) => recorded(world, act);
      const line = (action: string, target: string) => [`organization:${admin.organizationId} ${actor} ${action} ${target}`];
      const kept: { id: number; secrets: { id: number }[] }[] = [];
      const registered = await said(async () => kept.push((await register({ scopes: ['issues'] }, { client })).body));
      const [made] = kept;
      if (made === undefined) throw new Error('not registered');
      expect(registered).toEqual(line('oauth_application.registered', `oauth_application:${made.id}`));
      for (const changes of [{ name: 'New' }, { scopes: ['issues:read'] }, { jwks: { keys: [jwk] }, access_token_ttl: 60 }]) {
        expect(await said(async () => client.patch(at(made), changes))).toEqual(line('oauth_application.updated', `oauth_application:${made.id}`));
      }
      const secrets: { id: number }[] = [];
      const added = await said(async () => secrets.push((await client.post(at(made, '/secrets'), {})).body));
      expect(added).toEqual(line('oauth_secret.added', `oauth_secret:${secrets[0]?.id}`));
      expect(await said(async () => client.delete(at(made, `/secrets/${made.secrets[0]?.id}`)))).toEqual(line('oauth_secret.revoked', `oauth_secret:${made.secrets[0]?.id}`));
      expect(await said(async () => client.delete(at(made)))).toEqual(line('oauth_application.deleted', `oauth_application:${made.id}`));
    }
    expect(await recorded(world, async () => Promise.all([mayObtain(own), admin.client.get(APPLICATIONS), register({ scopes: ['x'] }), admin.client.delete(`${APPLICATIONS}/999999`)]))).toEqual([]);
  });

  it('says what has changed, and never a secret', async () => {
    const own = await application(admin, { scopes: ['issues'] });
    await admin.client.patch(at(own), { name: 'New', scopes: ['issues:read'] });
    const added = await anotherSecret(admin, own, { expires_at: endsIn(600) });
    const entries = await world.database.sql<{ action: string; metadata: Record<string, unknown> }>('SELECT action, metadata FROM audit_entries ORDER BY id DESC LIMIT 3');
    expect(entries.reverse()).toEqual([
      { action: 'oauth_application.registered', metadata: { scopes: ['issues'] } },
      { action: 'oauth_application.updated', metadata: { changed: ['name', 'scopes'], scopes: ['issues:read'] } },
      { action: 'oauth_secret.added', metadata: { application_id: own.id, expires_at: MOMENT } },
    ]);
    expect(added.secretId).toBeGreaterThan(own.secretId);
  });

  it('is undone where its entry cannot be written', async () => {
    const own = await application(admin);
    const second = await anotherSecret(admin, own);
    const before = await stored();
    await world.database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no ink''; END'`);
    await world.database.sql('CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()');
    const answers = [
      await register({ scopes: ['issues'] }), await admin.client.patch(at(own), { name: 'X', scopes: ['issues:read'], jwks: null }), await admin.client.delete(at(own, `/secrets/${second.secretId}`)), await admin.client.delete(at(own)),
    ];
    await world.database.sql('DROP TRIGGER refuse ON audit_pending');
    expect(answers.map(verdict)).toEqual(answers.map(() => '500 internal_error'));
    expect(await stored()).toEqual(before);
    expect([await mayObtain(own), await mayObtain(second)]).toEqual([true, true]);
  });
});

describe('another organization', () => {
  it('neither reaches nor sees it, and counts its own', async () => {
    const stranger = await world.register();
    const [own, theirs] = [await application(admin), await application(stranger, { name: 'Theirs', scopes: undefined })];
    const second = await anotherSecret(stranger, theirs);
    const before = await stored();
    for (const client of [stranger.client, (await world.token(stranger)).client, (await accessToken(world, theirs)).client]) {
      for (const id of [String(own.id), '999999999', '0', '-1', `${own.id}abc`, '0x1', '1.0', '18446744073709551616', own.clientId]) {
        const path = `${APPLICATIONS}/${id}`;
        const answers = [await client.get(path), await client.patch(path, { name: 'Mine' }), await client.delete(path), await client.post(`${path}/secrets`, {}), await client.delete(`${path}/secrets/${own.secretId}`)];
        expect([id, ...answers.map(verdict)]).toEqual([id, ...answers.map(() => '404 not_found')]);
      }
      // Its own application, the other's secret.
      expect(verdict(await client.delete(at(theirs, `/secrets/${own.secretId}`)))).toBe('404 not_found');
      const { data, meta } = (await client.get(`${APPLICATIONS}?per_page=1`)).body;
      expect([data.map(({ name }: { name: string }) => name), meta.total_count, meta.total_pages]).toEqual([['Theirs'], 1, 1]);
    }
    expect(await stored()).toEqual(before);
    expect(await mayObtain(second)).toBe(true);
  });
});

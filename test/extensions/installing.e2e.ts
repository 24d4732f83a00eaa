import { createHash } from 'node:crypto';
import { recorded } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import { accessToken, application } from '../oauth/application.js';
import type { Client } from '../support/client.js';
import { PASSWORD, type Person, PRODUCT, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { installed, type Installed, manifest, project } from './installation.js';

const EXTENSIONS = '/extensions';
const AT_ONCE = 20;
const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

let projects = 0;
/** A project of its own key in the organization. */
const another = async (by: Pick<Person, 'client'> = admin) => project(by, { project_key: `P${(projects += 1)}` });
const install = async (projectId: unknown, facts: object = {}, { client }: { client: Client } = admin) => client.post(EXTENSIONS, { extension: { project_id: projectId, manifest: manifest(facts) } });
const at = ({ id }: Pick<Installed, 'id'>) => `${EXTENSIONS}/${id}`;
const idsOf = async (query = '', { client }: { client: Client } = admin) => (await client.get(`${EXTENSIONS}${query}`)).body.extensions.map(({ id }: { id: number }) => id) as number[];

/** All that stands of extensions, but for when a key was used. */
async function stored(): Promise<unknown> {
  return {
    extensions: await world.database.sql('SELECT * FROM extensions ORDER BY id'),
    keys: await world.database.sql(`SELECT to_jsonb(k) - 'last_used_at' AS row FROM extension_keys k ORDER BY digest`),
    users: await world.database.sql('SELECT * FROM users WHERE is_service ORDER BY id'),
  };
}

describe('an extension', () => {
  it('is installed with one key, and shown and listed without it', async () => {
    const { id } = await another();
    const before = world.clock.now().getTime();
    const { status, body } = await install(id, { permissions: ['read:issues', 'comments'] });
    const { api_key: key, ...shown } = body;
    expect([status, key]).toEqual([201, expect.stringMatching(/^ext_live_[0-9a-f]{48}$/)]);
    expect(shown).toEqual({
      id: expect.any(Number),
      extension_id: 'com.example.sync',
      name: 'Sync',
      version: '1.0.0',
      project_id: id,
      permissions: ['issues:read', 'comments'],
      pending_permissions: [],
      status: 'active',
      api_key_prefix: key.slice(0, 17),
      api_key_last_used_at: null,
      previous_api_key: null,
      health: { status: 'unknown' },
      installed_at: MOMENT,
    });
    expect(Math.abs(Date.parse(shown.installed_at) - before)).toBeLessThan(10_000);
    expect((await admin.client.get(at(shown))).body).toEqual(shown);
    expect((await admin.client.get(EXTENSIONS)).body).toEqual({ extensions: [shown], meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 1 } });
  });

  it('is installed by a bare body too, and its project’s id may be a text', async () => {
    const { id } = await another();
    const { status, body } = await admin.client.post(EXTENSIONS, { project_id: String(id), manifest: manifest() });
    expect([status, body.project_id]).toEqual([201, id]);
  });

  it('takes none of its facts from the body', async () => {
    const { id } = await another();
    const forged = { id: 1, organization_id: 1, permissions: ['projects'], pending_permissions: ['projects'], status: 'x', api_key: 'ext_live_x', service_user_id: admin.id, installed_at: '2020-01-01', extension_id: 'other', name: 'Other' };
    const { status, body } = await admin.client.post(EXTENSIONS, { extension: { ...forged, project_id: id, manifest: manifest() } });
    expect([status, body]).toEqual([201, expect.objectContaining({ extension_id: 'com.example.sync', name: 'Sync', permissions: ['issues', 'comments'], pending_permissions: [], status: 'active' })]);
    expect([body.id === 1, body.installed_at.startsWith('2020')]).toEqual([false, false]);
    expect((await world.bearer(body.api_key).get('/me')).body).toMatchObject({ organization_id: admin.organizationId, scopes: ['issues', 'comments'] });
    expect((await world.bearer(body.api_key).get('/me')).body.id).not.toBe(admin.id);
  });

  it('keeps of its key a digest, and nothing else says it', async () => {
    world.logs.length = 0;
    const own = await installed(world, admin, (await another()).id);
    await own.client.get('/issues');
    await world.stranger.with({ 'x-kiket-api-key': own.key }).get('/api/v1/issues');
    await admin.client.patch(at(own), { extension: { manifest: manifest({ version: '2' }) } });
    const rows = await world.database.sql<{ digest: Buffer; prefix: string }>('SELECT digest, prefix FROM extension_keys WHERE installation_id = $1', [own.id]);
    expect(rows).toEqual([{ digest: createHash('sha256').update(own.key).digest(), prefix: own.prefix }]);
    const text = [world.logs.join(''), JSON.stringify((await admin.client.get(at(own))).body), await dump()].join('');
    expect(text).toContain(own.prefix);
    for (const spelling of [own.key.slice(17), Buffer.from(own.key).toString('hex'), Buffer.from(own.key).toString('base64').slice(0, 60)]) expect(text.includes(spelling) ? spelling : 'kept').toBe('kept');
  });

  /** Every row of every table, in the text that PostgreSQL makes of it. */
  async function dump(): Promise<string> {
    const tables = await world.database.sql<{ name: string }>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'jobs')`);
    const rows: string[] = [];
    for (const { name } of tables) rows.push(...(await world.database.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).map(({ row }) => row));
    return rows.join('\n');
  }

  it('stands once in a project, and once in each of several', async () => {
    const [one, two] = [await another(), await another()];
    const first = await installed(world, admin, one.id);
    const before = await stored();
    expect(verdict(await install(one.id))).toBe('409 conflict');
    expect(verdict(await install(one.id, { version: '2.0.0', name: 'Other', permissions: [] }))).toBe('409 conflict');
    expect(await stored()).toEqual(before);
    const others = [await installed(world, admin, two.id), await installed(world, admin, one.id, { id: 'com.example.other' })];
    expect(await idsOf()).toEqual([first.id, ...others.map(({ id }) => id)]);
    expect(await Promise.all([first, ...others].map(async ({ client }) => verdict(await client.get('/issues'))))).toEqual(['200', '200', '200']);
  });

  it(`installed ${AT_ONCE} times at once into one project stands there once, with one key and one stand-in`, async () => {
    const { id } = await another();
    const count = async () => (await world.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM users WHERE is_service'))[0]?.n ?? 0;
    const before = await count();
    const lines = await recorded(world, async () => {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, async () => install(id)));
      expect(answers.map(verdict).sort()).toEqual(['201', ...Array.from({ length: AT_ONCE - 1 }, () => '409 conflict')]);
      const key = answers.find(({ status }) => status === 201)?.body.api_key;
      expect(verdict(await world.bearer(key).get('/issues'))).toBe('200');
    });
    const [own, ...others] = await idsOf();
    expect([others, lines]).toEqual([[], [`organization:${admin.organizationId} user:${admin.id} extension.installed extension:${own}`]]);
    expect(await world.database.sql('SELECT installation_id AS id FROM extension_keys k JOIN extensions e ON e.id = k.installation_id WHERE e.project_id = $1', [id])).toEqual([{ id: own }]);
    expect((await count()) - before).toBe(1);
  });
});

describe('its project', () => {
  it('is refused alike where it is absent, deleted, or another’s, and nothing is written', async () => {
    const [neighbour, abroad] = [await world.register(), await world.register({ product: 'kiket' })];
    const gone = await another();
    await admin.client.delete(`/projects/${gone.id}`);
    const before = await stored();
    const answers = await Promise.all([gone.id, (await another(neighbour)).id, (await another(abroad)).id, 999_999_999, 9_007_199_254_740_991].map(async (id) => install(id)));
    const told = answers.map(({ status, body }) => ({ status, ...body, request_id: 'x' }));
    expect(told).toEqual(told.map(() => ({ status: 404, error: 'not_found', message: expect.any(String), request_id: 'x' })));
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
    expect(await stored()).toEqual(before);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'blank'], ['null', null, 'blank'], ['zero', 0, 'not_a_number'], ['a negative number', -1, 'not_a_number'], ['half', 1.5, 'not_a_number'], ['a word', 'x', 'not_a_number'], ['a number and more', '42abc', 'not_a_number'], ['hexadecimal', '0x2a', 'not_a_number'],
    ['2^64', 18446744073709551616, 'not_a_number'], ['2^64 as a text', '18446744073709551616', 'not_a_number'], ['a list', [1], 'not_a_number'], ['an object', { id: 1 }, 'not_a_number'], ['true', true, 'not_a_number'], ['SQL', '1; DROP TABLE extensions', 'not_a_number'], ['an empty text', '', 'not_a_number'],
  ])('is not %s', async (_, projectId, code) => {
    const before = await stored();
    expect(faults(await install(projectId))).toBe(`422 project_id:${code}`);
    expect(await stored()).toEqual(before);
  });

  it('that is deleted takes its extensions along, each with an entry, and no other project’s', async () => {
    const [doomed, other] = [await another(), await another()];
    const lost = [await installed(world, admin, doomed.id), await installed(world, admin, doomed.id, { id: 'com.example.other' })];
    const left = await installed(world, admin, other.id);
    for (const { id } of lost) await admin.client.post(`${EXTENSIONS}/${id}/secrets/TOKEN`, { value: 'x' });
    const lines = await recorded(world, async () => admin.client.delete(`/projects/${doomed.id}`));
    expect(lines.filter((line) => line.includes(' extension.'))).toEqual(lost.map(({ id }) => `organization:${admin.organizationId} user:${admin.id} extension.uninstalled extension:${id}`));
    expect(await Promise.all(lost.map(async ({ client }) => verdict(await client.get('/issues'))))).toEqual(['401 token_revoked', '401 token_revoked']);
    expect(await Promise.all(lost.map(async (one) => verdict(await admin.client.get(at(one)))))).toEqual(['404 not_found', '404 not_found']);
    expect(await world.database.sql('SELECT 1 FROM extension_secrets WHERE installation_id = ANY($1)', [lost.map(({ id }) => id)])).toEqual([]);
    expect([verdict(await left.client.get('/issues')), await idsOf(), await idsOf(`?project_id=${doomed.id}`)]).toEqual(['200', [left.id], []]);
  });

  it('that is deleted while others install leaves no key that works', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const { id } = await another();
      const [deleted, ...answers] = await Promise.all([
        admin.client.delete(`/projects/${id}`), ...Array.from({ length: 3 }, async (_, index) => install(id, { id: `com.example.x${index}` })),
      ]);
      expect([verdict(deleted), answers.map(verdict).every((told) => ['201', '404 not_found'].includes(told))]).toEqual(['204', true]);
      for (const { status, body } of answers) if (status === 201) expect(verdict(await world.bearer(body.api_key).get('/issues'))).toBe('401 token_revoked');
      expect(await world.database.sql('SELECT 1 FROM extensions WHERE project_id = $1 AND uninstalled_at IS NULL', [id])).toEqual([]);
    }
  });
});

describe('the list', () => {
  it('can be narrowed to a project, in pages and in an order, and counts what it shows', async () => {
    const [one, two] = [await another(), await another()];
    const b = await installed(world, admin, one.id, { id: 'b.b', name: 'Bravo' });
    const a = await installed(world, admin, one.id, { id: 'a.a', name: 'Alpha' });
    const c = await installed(world, admin, two.id, { id: 'c.c', name: 'Charlie' });
    const table = {
      '': [b, a, c], [`?project_id=${one.id}`]: [b, a], [`?project_id=${two.id}`]: [c], '?project_id=999999999': [], '?sort=name': [a, b, c], '?sort=name&order=desc': [c, b, a], '?sort=installed_at': [b, a, c], '?sort=installed_at&order=desc': [c, a, b], '?per_page=2': [b, a], '?per_page=2&page=2': [c],
    };
    for (const [query, expected] of Object.entries(table)) expect([query, await idsOf(query)]).toEqual([query, expected.map(({ id }) => id)]);
    expect((await admin.client.get(`${EXTENSIONS}?project_id=${one.id}&per_page=1`)).body.meta).toEqual({ current_page: 1, per_page: 1, total_pages: 2, total_count: 2 });
    await admin.client.delete(at(b));
    expect((await admin.client.get(`${EXTENSIONS}?project_id=${one.id}`)).body.meta.total_count).toBe(1);
  });

  it.each([['?project_id=x', 'project_id:not_a_number'], ['?project_id=42abc', 'project_id:not_a_number'], ['?project_id=0', 'project_id:not_a_number'], ['?project_id=', 'project_id:not_a_number'], ['?sort=api_key', 'sort:not_in_list'], ['?sort=name&order=up', 'order:not_in_list'], ['?sort=name;drop', 'sort:not_in_list']])('is refused for %s', async (query, fault) => {
    expect(faults(await admin.client.get(`${EXTENSIONS}${query}`))).toBe(`422 ${fault}`);
  });
});

describe('the path', () => {
  it('names it by its own id or by its manifest’s, dots included', async () => {
    for (const id of ['com.example.sync', 'x', 'A-b_c.1', 'x'.repeat(100)]) {
      const own = await installed(world, admin, (await another()).id, { id });
      const shown = (await admin.client.get(at(own))).body;
      expect(shown).toMatchObject({ id: own.id, extension_id: id });
      const paths = [`${EXTENSIONS}/${id}`, `${EXTENSIONS}/${encodeURIComponent(id).replaceAll('.', '%2E')}`, `${EXTENSIONS}/${id}?project_id=${own.projectId}`, `${at(own)}?project_id=${own.projectId}`];
      expect(await Promise.all(paths.map(async (path) => (await admin.client.get(path)).body))).toEqual(paths.map(() => shown));
    }
  });

  it('is answered for any act: upgrading, its secrets, its key, uninstalling', async () => {
    const own = await installed(world, admin, (await another()).id);
    const path = `${EXTENSIONS}/${own.extensionId}`;
    const answers = [
      await admin.client.patch(path, { extension: { manifest: manifest({ version: '2' }) } }), await admin.client.post(`${path}/secrets/A`, { value: 'x' }), await admin.client.get(`${path}/secrets/A`), await admin.client.get(`${path}/secrets`), await admin.client.delete(`${path}/secrets/A`),
      await admin.client.post(`${path}/secrets/api_key/rotate`), await admin.client.delete(path), await admin.client.get(path),
    ];
    expect(answers.map(verdict)).toEqual(['200', '200', '200', '200', '204', '200', '204', '404 not_found']);
  });

  it('that fits two of them is told so, on project_id, and works once that is named', async () => {
    const [one, two] = [await another(), await another()];
    const [first, second] = [await installed(world, admin, one.id), await installed(world, admin, two.id)];
    const path = `${EXTENSIONS}/com.example.sync`;
    const before = await stored();
    const acts = async (query: string) => [await admin.client.get(path + query), await admin.client.patch(path + query, { extension: { manifest: manifest({ version: '2' }) } }), await admin.client.post(`${path}/secrets/api_key/rotate${query}`), await admin.client.get(`${path}/secrets${query}`), await admin.client.delete(path + query)];
    for (const answer of await acts('')) expect(faults(answer)).toBe('422 project_id:ambiguous');
    for (const answer of await acts('?project_id=999999999')) expect(verdict(answer)).toBe('404 not_found');
    expect(await stored()).toEqual(before);
    expect((await admin.client.get(`${path}?project_id=${two.id}`)).body.id).toBe(second.id);
    expect((await admin.client.get(`${path}?project_id=${one.id}`)).body.id).toBe(first.id);
    expect(verdict(await admin.client.get(`${at(first)}?project_id=${two.id}`))).toBe('404 not_found');
    expect((await acts(`?project_id=${one.id}`)).map(verdict)).toEqual(['200', '200', '200', '200', '204']);
    expect((await admin.client.get(path)).body.id).toBe(second.id);
    expect(verdict(await second.client.get('/issues'))).toBe('200');
  });

  it('means its own to an extension’s key, also where others bear that name', async () => {
    const [one, two] = [await another(), await another()];
    const [first, second] = [await installed(world, admin, one.id), await installed(world, admin, two.id)];
    for (const own of [first, second]) {
      expect((await own.client.get(`${EXTENSIONS}/com.example.sync`)).body.id).toBe(own.id);
      expect((await own.client.get(at(own))).body.id).toBe(own.id);
    }
    expect([await first.client.get(at(second)), await first.client.get(`${EXTENSIONS}/com.example.sync?project_id=${two.id}`)].map(verdict)).toEqual(['404 not_found', '404 not_found']);
  });

  it.each(['999999999', '0', '-1', '42abc', '0x2a', '1e3', '1.0', '18446744073709551616', '%31%20', 'com.example.other', 'a%00b', 'a%2Fb', '%27%20OR%201%3D1', '__proto__', 'COM.EXAMPLE.SYNC', 'x'.repeat(101)])('%s names none', async (id) => {
    await installed(world, admin, (await another()).id);
    const path = `${EXTENSIONS}/${id}`;
    const answers = [await admin.client.get(path), await admin.client.patch(path, { extension: { manifest: manifest() } }), await admin.client.delete(path)];
    expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
  });
});

describe('uninstalling', () => {
  it('ends all its keys from the next request on, at every instance, and erases its secrets', async () => {
    const other = await world.anotherInstance();
    const own = await installed(world, admin, (await another()).id);
    const { body: rotated } = await admin.client.post(`${at(own)}/secrets/api_key/rotate`, { grace_period_seconds: 600 });
    await admin.client.post(`${at(own)}/secrets/TOKEN`, { value: 'kept' });
    const clients = [own.client, world.bearer(rotated.api_key)].flatMap((client) => [client, client.at(`${other.base}/api/v1`)]);
    expect(await Promise.all(clients.map(async (client) => verdict(await client.get('/issues'))))).toEqual(clients.map(() => '200'));
    expect(verdict(await admin.client.delete(at(own)))).toBe('204');
    expect(await Promise.all(clients.map(async (client) => verdict(await client.get('/issues'))))).toEqual(clients.map(() => '401 token_revoked'));
    expect(await world.database.sql('SELECT 1 FROM extension_secrets WHERE installation_id = $1', [own.id])).toEqual([]);
    const answers = [await admin.client.get(at(own)), await admin.client.get(`${at(own)}/secrets`), await admin.client.patch(at(own), { extension: { manifest: manifest() } }), await admin.client.post(`${at(own)}/secrets/api_key/rotate`), await admin.client.delete(at(own))];
    expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
    expect(await idsOf()).toEqual([]);
  });

  it('ten times at once happens once', async () => {
    const own = await installed(world, admin, (await another()).id);
    const lines = await recorded(world, async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(at(own))));
      expect(answers.map(verdict).sort()).toEqual(['204', ...Array.from({ length: 9 }, () => '404 not_found')]);
    });
    expect(lines).toEqual([`organization:${admin.organizationId} user:${admin.id} extension.uninstalled extension:${own.id}`]);
  });

  it('and installing again makes another one, with another key and no secrets, and revives nothing', async () => {
    const { id: projectId } = await another();
    const first = await installed(world, admin, projectId, { permissions: ['issues', 'comments'] });
    await admin.client.post(`${at(first)}/secrets/TOKEN`, { value: 'old' });
    await admin.client.patch(at(first), { extension: { manifest: manifest({ permissions: ['issues', 'projects'] }) } });
    await admin.client.delete(at(first));
    const second = await installed(world, admin, projectId, { permissions: ['issues:read'] });
    expect([second.id === first.id, second.key === first.key]).toEqual([false, false]);
    expect([verdict(await first.client.get('/issues')), verdict(await second.client.get('/issues'))]).toEqual(['401 token_revoked', '200']);
    expect((await admin.client.get(`${EXTENSIONS}/com.example.sync`)).body).toMatchObject({ id: second.id, permissions: ['issues:read'], pending_permissions: [] });
    expect((await admin.client.get(`${at(second)}/secrets`)).body).toEqual({ keys: [], secrets: [] });
    expect(verdict(await admin.client.post(`${at(first)}/secrets/api_key/rotate`))).toBe('404 not_found');
    expect(verdict(await first.client.get('/issues'))).toBe('401 token_revoked');
  });
});

describe('its stand-in', () => {
  const standIn = async ({ id }: Pick<Installed, 'id'>) => {
    const [row] = await world.database.sql<{ id: string; email: string; name: string }>('SELECT u.* FROM users u JOIN extensions e ON e.service_user_id = u.id WHERE e.id = $1', [id]);
    if (row === undefined) throw new Error('nobody');
    return { ...row, id: Number(row.id) };
  };

  it('is whom /me names, without a role', async () => {
    const own = await installed(world, admin, (await another()).id, { name: 'Robot', permissions: ['issues'] });
    const { id, email } = await standIn(own);
    const { organization } = (await admin.client.get('/me')).body;
    expect((await own.client.get('/me')).body).toEqual({
      id, name: 'Robot', email, role: null, organization_id: admin.organizationId, organization, scopes: ['issues'], credential: { type: 'extension', id: own.id, token_prefix: own.prefix, expires_at: null },
    });
  });

  it('writes under the extension’s name, also when that has changed or it is gone', async () => {
    const { id: projectId } = await another();
    const own = await installed(world, admin, projectId, { name: 'Robot', permissions: ['issues', 'comments', 'projects'] });
    const { id } = await standIn(own);
    expect((await own.client.post(`/projects/${projectId}/milestones`, { milestone: { name: 'M' } })).body.created_by_id).toBe(id);
    const issue = (await own.client.post('/issues', { issue: { project_id: projectId, title: 'T' } })).body.id as number;
    const { body: comment } = await own.client.post(`/issues/${issue}/comments`, { comment: { body: 'B' } });
    expect(comment.author).toMatchObject({ id, name: 'Robot' });
    const author = async () => (await admin.client.get(`/issues/${issue}/comments/${comment.id}`)).body.author.name;
    await admin.client.patch(at(own), { extension: { manifest: manifest({ name: 'Automaton', permissions: ['issues', 'comments', 'projects'] }) } });
    expect([await author(), (await own.client.get('/me')).body.name]).toEqual(['Automaton', 'Automaton']);
    await admin.client.delete(at(own));
    expect(await author()).toBe('Automaton');
  });

  it('edits and deletes its own comments, and nobody else’s', async () => {
    const { id: projectId } = await another();
    const [own, other] = [await installed(world, admin, projectId), await installed(world, admin, projectId, { id: 'com.example.other' })];
    const issue = (await admin.client.post('/issues', { issue: { project_id: projectId, title: 'T' } })).body.id as number;
    const comments = `/issues/${issue}/comments`;
    const say = async (client: Client) => (await client.post(comments, { comment: { body: 'B' } })).body.id as number;
    const [mine, theirs, hers] = [await say(own.client), await say(other.client), await say(admin.client)];
    for (const foreign of [theirs, hers]) {
      expect([await own.client.patch(`${comments}/${foreign}`, { comment: { body: 'C' } }), await own.client.delete(`${comments}/${foreign}`)].map(verdict)).toEqual(['403 forbidden', '403 forbidden']);
    }
    expect([await own.client.patch(`${comments}/${mine}`, { comment: { body: 'C' } }), await own.client.delete(`${comments}/${mine}`)].map(verdict)).toEqual(['200', '204']);
  });

  it('is no member: never listed, found, counted, assigned or made one', async () => {
    const owner = await world.register({ product: 'kanzlei' });
    await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{klein,scopes}', '["issues", "projects", "users"]') WHERE slug = 'kanzlei'`);
    const { client } = await world.login(owner.email, PASSWORD, 'kanzlei');
    const { id: projectId } = await another({ client });
    const own = [await installed(world, { client }, projectId, { id: 'a.a', permissions: ['users:read'] }), await installed(world, { client }, projectId, { id: 'b.b' }), await installed(world, { client }, projectId, { id: 'c.c' })];
    const { id, email } = await standIn(own[0] as Installed);
    for (const reader of [client, own[0]?.client as Client]) {
      const { users, meta } = (await reader.get('/users')).body;
      expect([users.map((user: { id: number }) => user.id), meta.total_count]).toEqual([[owner.id], 1]);
      expect(verdict(await reader.get(`/users/${id}`))).toBe('404 not_found');
    }
    expect([await client.patch(`/users/${id}`, { user: { role: 'admin' } }), await client.delete(`/users/${id}`)].map(verdict)).toEqual(['404 not_found', '404 not_found']);
    expect(verdict(await client.post('/issues', { issue: { project_id: projectId, title: 'T', assignee_id: id } }))).toBe('422 validation_error');
    expect(verdict(await client.patch(`/projects/${projectId}`, { project: { lead_id: id } }))).toBe('422 validation_error');
    // The plan has two seats, of which a person has one.
    const invite = async (address: string) => client.post('/users', { user: { email: address, name: 'Eva', role: 'member' } });
    expect([await invite(email), await invite(world.freshEmail()), await invite(world.freshEmail())].map(verdict)).toEqual(['422 validation_error', '201', '422 limit_reached']);
    expect(await world.database.sql('SELECT 1 FROM memberships WHERE user_id = $1', [id])).toEqual([]);
  });

  it('signs in by no password, and gets no mail', async () => {
    const { email, id } = await standIn(await installed(world, admin, (await another()).id));
    for (const address of [email, email.toUpperCase()]) {
      for (const path of ['/auth/login', '/auth/forgot_password']) expect(verdict(await world.visitor.product(PRODUCT).post(path, { email: address, password: PASSWORD }))).toBe('422 validation_error');
    }
    expect(await world.database.sql('SELECT 1 FROM password_resets WHERE user_id = $1', [id])).toEqual([]);
    // Nobody takes its address, under which it writes.
    expect(verdict(await world.visitor.post('/auth/register', { email, password: PASSWORD, name: 'Eva', organization_name: 'Acme' }))).toBe('422 validation_error');
  });
});

describe('each act', () => {
  it('leaves one entry, by whoever did it', async () => {
    const token = await world.token(admin);
    const machine = await application(admin, { scopes: undefined });
    const actors: [string, Client][] = [[`user:${admin.id}`, admin.client], [`workspace_token:${token.id}`, token.client], [`oauth_application:${machine.id}`, (await accessToken(world, machine)).client]];
    for (const [actor, client] of actors) {
      const { id: projectId } = await another();
      const made: Installed[] = [];
      const line = (action: string, { id }: Pick<Installed, 'id'>) => [`organization:${admin.organizationId} ${actor} ${action} extension:${id}`];
      const lines = await recorded(world, async () => made.push(await installed(world, { client }, projectId)));
      const [own] = made;
      if (own === undefined) throw new Error('not installed');
      expect(lines).toEqual(line('extension.installed', own));
      expect(await recorded(world, async () => client.patch(at(own), { extension: { manifest: manifest({ version: '2' }) } }))).toEqual(line('extension.upgraded', own));
      expect(await recorded(world, async () => client.patch(at(own), { extension: { manifest: manifest({ permissions: ['projects'] }) } }))).toEqual(line('extension.upgraded', own));
      expect(await recorded(world, async () => client.post(`${at(own)}/secrets/api_key/rotate`))).toEqual(line('extension_key.rotated', own));
      expect(await recorded(world, async () => client.delete(at(own)))).toEqual(line('extension.uninstalled', own));
    }
    const { id: projectId } = await another();
    const own = await installed(world, admin, projectId);
    expect(await recorded(world, async () => Promise.all([
      admin.client.get(EXTENSIONS), admin.client.get(at(own)), install(projectId), install(999_999_999), install(projectId, { permissions: ['admin'] }), admin.client.delete(`${EXTENSIONS}/999999999`), admin.client.patch(at(own), { extension: { manifest: manifest({ id: 'other' }) } }),
    ]))).toEqual([]);
  });

  it('says what it is about', async () => {
    const { id: projectId } = await another();
    const own = await installed(world, admin, projectId, { permissions: ['issues', 'comments'] });
    await admin.client.post(`${at(own)}/secrets/TOKEN`, { value: 'x' });
    await admin.client.patch(at(own), { extension: { manifest: manifest({ version: '2.0.0', permissions: ['issues', 'projects:read'] }) } });
    await admin.client.patch(at(own), { extension: { accept_permissions: true } });
    await admin.client.delete(at(own));
    const entries = await world.database.sql<{ action: string; metadata: object }>(`SELECT action, metadata FROM audit_entries WHERE target_type = 'extension' AND target_id = $1 ORDER BY id`, [String(own.id)]);
    expect(entries).toEqual([
      { action: 'extension.installed', metadata: { extension_id: 'com.example.sync', version: '1.0.0', project_id: projectId, permissions: ['issues', 'comments'] } },
      { action: 'extension.upgraded', metadata: { from: '1.0.0', version: '1.0.0', waiting: '2.0.0', permissions: ['issues'], pending_permissions: ['projects:read'] } },
      { action: 'extension.upgraded', metadata: { from: '1.0.0', version: '2.0.0', permissions: ['issues', 'projects:read'] } },
      { action: 'extension.uninstalled', metadata: { extension_id: 'com.example.sync', project_id: projectId, erased_secrets: ['TOKEN'] } },
    ]);
  });

  it('is undone where its entry cannot be written', async () => {
    const { id: projectId } = await another();
    const own = await installed(world, admin, projectId);
    await admin.client.post(`${at(own)}/secrets/TOKEN`, { value: 'x' });
    const before = await stored();
    await world.database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no ink''; END'`);
    await world.database.sql('CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()');
    const answers = [
      await install(projectId, { id: 'com.example.other' }), await admin.client.patch(at(own), { extension: { manifest: manifest({ name: 'New' }) } }), await admin.client.patch(at(own), { extension: { manifest: manifest({ permissions: ['projects'] }) } }),
      await admin.client.post(`${at(own)}/secrets/api_key/rotate`), await admin.client.delete(at(own)), await admin.client.delete(`/projects/${projectId}`),
    ];
    await world.database.sql('DROP TRIGGER refuse ON audit_pending');
    expect(answers.map(verdict)).toEqual(answers.map(() => '500 internal_error'));
    expect(await stored()).toEqual(before);
    expect([verdict(await own.client.get('/issues')), (await admin.client.get(`${at(own)}/secrets`)).body.keys]).toEqual(['200', ['TOKEN']]);
    expect(verdict(await admin.client.get(`/projects/${projectId}`))).toBe('200');
  });
});

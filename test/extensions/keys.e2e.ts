import { crc32 } from 'node:zlib';
import { Traffic } from '#access';
import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { eventually, recorded } from '../audit/trail.js';
import { rawRequest, requestBytes } from '../edge/raw-request.js';
import { verdict } from '../members/invitations.js';
import { accessToken, application, basic, endpoint } from '../oauth/application.js';
import { type Answer, Client } from '../support/client.js';
import { type Instance, type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { meanwhile } from '../workspace/meanwhile.js';
import { installed, type Installed, manifest, project } from './installation.js';

const INVALID = '401 invalid_token';
const REVOKED = '401 token_revoked';
const AT_ONCE = 10;

let world: World;
let other: Instance;
let admin: Person;
let projectId: number;
let extension: Installed;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  admin = await world.register();
  projectId = (await project(admin)).id;
});
beforeEach(async () => {
  extension = await install();
});
afterEach(async () => {
  await admin.client.delete(`/extensions/${extension.id}`);
});
afterAll(async () => {
  await world.stop();
});

const install = async (facts: Parameters<typeof installed>[3] = {}) => installed(world, admin, projectId, facts);
const byHeader = (key: string) => new Client(`${world.instance.base}/api/v1`, { 'x-kiket-api-key': key });
const at = (client: Client, { base }: Instance) => client.at(`${base}/api/v1`);
const works = async (key: string) => verdict(await world.bearer(key).get('/me'));
const verdicts = async (...keys: string[]) => Promise.all(keys.map(works));
const sealed = (body: string) => body + crc32(body).toString(16).padStart(8, '0');
const raw = async (headers: readonly string[], query = '') => rawRequest(world.instance.base, requestBytes(`GET /api/v1/issues${query}`, headers));
const flush = async ({ app }: Instance = world.instance) => app.get(Traffic, { strict: false }).flush();
const times = async <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, async (_, index) => act(index)));

const path = ({ id }: Pick<Installed, 'id'> = extension) => `/extensions/${id}`;
const rotate = async (body?: object, by: Client = admin.client) => by.post(`${path()}/secrets/api_key/rotate`, body);
const shown = async () => (await admin.client.get(path())).body;

/** A new key, and the one before for so long. */
async function rotated(grace?: number, by?: Client): Promise<string> {
  const { status, body } = await rotate(grace === undefined ? undefined : { grace_period_seconds: grace }, by);
  if (status !== 200) throw new Error(`rotate: ${status} ${JSON.stringify(body)}`);
  return body.api_key;
}

/** How many of an installation's keys are current, and how many are in their grace. */
async function held({ id }: Pick<Installed, 'id'> = extension): Promise<{ current: number; previous: number }> {
  const rows = await world.database.sql<{ ends_at: Date | null }>('SELECT ends_at FROM extension_keys WHERE installation_id = $1', [id]);
  const now = world.clock.now();
  return { current: rows.filter(({ ends_at }) => ends_at === null).length, previous: rows.filter(({ ends_at }) => ends_at !== null && ends_at > now).length };
}

describe('an extension’s key', () => {
  it('opens its project in its own header and as a bearer, in any case of either', async () => {
    for (const header of ['X-Kiket-API-Key: ', 'x-kiket-api-key: ', 'X-KIKET-API-KEY:  ', 'Authorization: Bearer ', 'authorization: bearer ']) {
      expect([header, (await raw([header + extension.key])).status]).toEqual([header, 200]);
    }
    expect([verdict(await byHeader(extension.key).get('/ext/issues')), verdict(await extension.client.get('/ext/issues'))]).toEqual(['200', '200']);
  });

  it.each<[string, (key: string) => string[], string, number, string]>([
    ['in both headers', (key) => [`Authorization: Bearer ${key}`, `X-Kiket-API-Key: ${key}`], '', 400, 'malformed_request'],
    ['twice in its own', (key) => [`X-Kiket-API-Key: ${key}`, `X-Kiket-API-Key: ${key}`], '', 400, 'malformed_request'],
    ['twice as a bearer', (key) => [`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`], '', 400, 'malformed_request'],
    ['beside another credential', (key) => [`X-Kiket-API-Key: ${key}`, 'Authorization: Basic eDp5'], '', 400, 'malformed_request'],
    ['beside an empty one', (key) => [`X-Kiket-API-Key: ${key}`, 'Authorization:'], '', 400, 'malformed_request'],
    ['beside a token in the query', (key) => [`X-Kiket-API-Key: ${key}`], '?access_token=x', 400, 'malformed_request'],
    ['with another behind it', (key) => [`Authorization: Bearer ${key} ${key}`], '', 400, 'malformed_request'],
    ['as two in one header', (key) => [`X-Kiket-API-Key: ${key}, ${key}`], '', 401, 'invalid_token'],
    ['as a bearer in its own header', (key) => [`X-Kiket-API-Key: Bearer ${key}`], '', 401, 'invalid_token'],
    ['as a password', (key) => [`Authorization: Basic ${Buffer.from(`x:${key}`).toString('base64')}`], '', 401, 'invalid_token'],
    ['in capitals', (key) => [`X-Kiket-API-Key: ${key.toUpperCase()}`], '', 401, 'invalid_token'],
    ['without its scheme', (key) => [`X-Kiket-API-Key: ${key.slice(9)}`], '', 401, 'invalid_token'],
    ['under a token’s scheme', (key) => [`Authorization: Bearer ${sealed(`wksp_${key.slice(9, 49)}`)}`], '', 401, 'invalid_token'],
    ['with 15 KB behind it', (key) => [`X-Kiket-API-Key: ${key}${'0'.repeat(15_000)}`], '', 401, 'invalid_token'],
    ['as nothing', () => ['X-Kiket-API-Key:'], '', 401, 'invalid_token'],
    ['in the query alone', () => [], '?api_key=KEY', 401, 'authorization_required'],
  ])('opens nothing %s', async (_, headers, query, status, error) => {
    const answer = await raw(headers(extension.key), query.replace('KEY', extension.key));
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(await works(extension.key)).toBe('200');
  });

  it('is the only credential that its own header takes', async () => {
    const token = await world.token(admin);
    const { token: oauth } = await accessToken(world, await application(admin));
    for (const credential of [token.token, oauth, admin.accessToken]) expect([credential, verdict(await byHeader(credential).get('/me'))]).toEqual([credential, INVALID]);
  });

  it('is refused without a statement to the database where its checksum does not fit', async () => {
    const { key } = extension;
    const slips = [
      ...Array.from({ length: 48 }, (_, index) => key.slice(0, 9 + index) + (key[9 + index] === 'a' ? 'b' : 'a') + key.slice(10 + index)),
      key.slice(0, -1), `${key}0`, `${key}=`, key.slice(0, -8), sealed(key), `${key.slice(0, -8)}${key.slice(-8).toUpperCase()}X`, 'ext_live_', 'ext_test_' + key.slice(9),
    ];
    await world.database.outage(async () => {
      // What could be one is looked for; so the database is indeed away.
      expect(await verdicts(key, sealed(`ext_live_${'0'.repeat(40)}`))).toEqual(['503 unavailable', '503 unavailable']);
      for (const slip of slips) expect([slip, verdict(await byHeader(slip).get('/issues')), await works(slip)]).toEqual([slip, INVALID, INVALID]);
    });
    expect(await verdicts(key, sealed(`ext_live_${'0'.repeat(40)}`))).toEqual(['200', INVALID]);
  });

  it('says of itself at /me whose it is and what it opens, the same in both headers', async () => {
    const { organization } = (await admin.client.get('/me')).body;
    const { body } = await byHeader(extension.key).get('/me');
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'Sync',
      email: expect.stringMatching(/^extension_[^@]+@service\.invalid$/),
      role: null,
      organization_id: admin.organizationId,
      organization,
      scopes: ['issues', 'comments'],
      credential: { type: 'extension', id: extension.id, token_prefix: extension.key.slice(0, 17), expires_at: null },
    });
    expect(body.id).not.toBe(admin.id);
    expect((await extension.client.get('/me')).body).toEqual(body);
    expect((await extension.client.get('/users/current')).body.id).toBe(body.id);
  });

  it('is told at its birth and never again, and stands in no table and no log', async () => {
    const next = await rotated(600);
    const answers = [await admin.client.get('/extensions'), await admin.client.get(path()), await extension.client.get(path()), await admin.client.get(`${path()}/secrets`)];
    expect(answers.map(verdict)).toEqual(answers.map(() => '200'));
    await extension.client.get(`/issues?api_key=${next}`);
    for (const key of [extension.key, next]) {
      const secret = key.slice(17);
      expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(secret);
      expect(world.logs.join('')).not.toContain(secret);
      for (const table of ['extensions', 'extension_keys', 'audit_entries']) {
        expect(JSON.stringify(await world.database.sql(`SELECT t::text FROM ${table} t`))).not.toContain(secret);
      }
    }
  });

  it('opens neither what people have, nor tokens, applications and other extensions', async () => {
    const { client } = extension;
    const people = [await client.get('/auth/me'), await client.get('/auth/sessions'), await client.post('/auth/logout'), await client.post('/auth/switch_org', { organization_id: admin.organizationId })];
    expect(people.map(verdict)).toEqual(people.map(() => '403 forbidden'));
    const admins = [
      await client.post('/workspace_api_tokens', { name: 'CI', scopes: ['issues'] }),
      await client.post('/oauth_applications', { name: 'App', scopes: ['issues'] }),
      await client.post('/extensions', { project_id: projectId, manifest: manifest({ id: 'x' }) }),
      await client.get('/extensions'),
      await client.patch(path(), { manifest: manifest({ permissions: ['issues', 'comments', 'projects'] }), accept_permissions: true }),
      await client.delete(path()),
    ];
    expect(admins.map(({ status }) => status)).toEqual(admins.map(() => 403));
    expect(await works(extension.key)).toBe('200');
  });

  it.each(['kanzlei', 'no-such-product', 'retired', '', 'SPRAVCE-GDPR'])('is invalid under the slug %j of another product', async (slug) => {
    expect(verdict(await byHeader(extension.key).product(slug).get('/issues'))).toBe(INVALID);
    expect(verdict(await byHeader(extension.key).product('spravce-gdpr').get('/issues'))).toBe('200');
  });

  it.each<[string, (home: Person, at: Installed) => Promise<unknown>, string]>([
    ['its uninstallation', async ({ client }, { id }) => client.delete(`/extensions/${id}`), REVOKED],
    ['the end of its project', async ({ client }, { projectId: id }) => client.delete(`/projects/${id}`), REVOKED],
    ['the suspension of its organization', async ({ client }) => world.instance.app.get(Operator, { strict: false }).suspendOrganization('kiket', (await client.get('/auth/me')).body.organization.slug), REVOKED],
    ['the end of its product', async () => world.database.sql(`UPDATE products SET active = false WHERE slug = 'kiket'`), REVOKED],
    ['the end of its subscription', async ({ organizationId }) => world.database.sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, [organizationId]), '403 subscription_inactive'],
  ])('opens nothing from the first request after %s, on any instance, the one in its grace too', async (_, end, refusal) => {
    const home = await world.register({ product: 'kiket' });
    const own = await installed(world, home, (await project(home)).id);
    const next = (await home.client.post(`/extensions/${own.id}/secrets/api_key/rotate`, { grace_period_seconds: 600 })).body.api_key as string;
    const tries = async () => {
      const clients = [own.key, next].flatMap((key) => [byHeader(key), at(world.bearer(key), other)]);
      return Promise.all(clients.flatMap((client) => ['/issues', '/ext/issues', '/me'].map(async (route) => verdict(await client.get(route)))));
    };
    expect(new Set(await tries())).toEqual(new Set(['200']));
    await end(home, own);
    expect(new Set(await tries())).toEqual(new Set([refusal]));
    await world.database.sql('UPDATE products SET active = true WHERE slug = $1', ['kiket']);
  });
});

describe('rotation', () => {
  it('answers the new key, its prefix and when the one before ends, and nothing else', async () => {
    const before = Date.now();
    const { status, body } = await rotate({ grace_period_seconds: 3_600 });
    expect(status).toBe(200);
    expect(body).toEqual({ api_key: expect.stringMatching(/^ext_live_[0-9a-f]{48}$/), api_key_prefix: body.api_key.slice(0, 17), previous_key_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    const end = Date.parse(body.previous_key_expires_at);
    expect(end - before).toBeGreaterThan(3_599_000);
    expect(end - before).toBeLessThan(3_660_000);
    expect(await shown()).toMatchObject({ api_key_prefix: body.api_key_prefix, previous_api_key: { prefix: extension.prefix, last_used_at: null, expires_at: body.previous_key_expires_at } });
    expect((await extension.client.get('/me')).body.credential.expires_at).toBe(body.previous_key_expires_at);
  });

  it.each<[string, object | undefined]>([
    ['without a body', undefined],
    ['with an empty one', {}],
    ['with a grace of 0', { grace_period_seconds: 0 }],
  ])('%s ends the key before at once', async (_, body) => {
    const answer = await rotate(body);
    expect(answer.status).toBe(200);
    expect(await verdicts(extension.key, answer.body.api_key)).toEqual([REVOKED, '200']);
    expect((await shown()).previous_api_key).toBeNull();
  });

  it.each([1, 60, 86_400])('with a grace of %d seconds lets the key before work on that long, and no longer', async (grace) => {
    // A second is over before anybody has looked.
    const next = await rotated(grace);
    if (grace > 1) {
      world.clock.advance({ seconds: grace - 20 });
      expect(await verdicts(extension.key, next)).toEqual(['200', '200']);
    }
    world.clock.advance({ seconds: 21 });
    expect(await verdicts(extension.key, next)).toEqual([REVOKED, '200']);
    expect(verdict(await at(byHeader(extension.key), other).get('/me'))).toBe(REVOKED);
    admin = await world.login(admin.email);
    expect((await shown()).previous_api_key).toBeNull();
  });

  it.each<[unknown, string]>([
    [86_401, '422 grace_period_seconds:too_large'],
    [2 ** 40, '422 grace_period_seconds:too_large'],
    [-1, '422 grace_period_seconds:not_a_number'],
    [0.5, '422 grace_period_seconds:not_a_number'],
    ['a day', '422 grace_period_seconds:not_a_number'],
    ['1e3', '422 grace_period_seconds:not_a_number'],
    [[60], '422 grace_period_seconds:not_a_number'],
    [{}, '422 grace_period_seconds:not_a_number'],
    [true, '422 grace_period_seconds:not_a_number'],
  ])('with a grace of %j is refused, and the key stays the only one', async (grace, refusal) => {
    expect(faults(await rotate({ grace_period_seconds: grace }))).toBe(refusal);
    expect([await works(extension.key), await held()]).toEqual(['200', { current: 1, previous: 0 }]);
  });

  it.each([0, 60, 3_600])('with a grace of %d ends an older grace at once: there is one previous key at most', async (grace) => {
    const second = await rotated(3_600);
    expect(await verdicts(extension.key, second)).toEqual(['200', '200']);
    const third = await rotated(grace);
    expect(await verdicts(extension.key, second, third)).toEqual([REVOKED, grace === 0 ? REVOKED : '200', '200']);
    expect(await held()).toEqual({ current: 1, previous: grace === 0 ? 0 : 1 });
  });

  it('revives no key whose grace is over, however long the next one is', async () => {
    const second = await rotated(0);
    const third = await rotated(86_400);
    const fourth = await rotated(86_400);
    expect(await verdicts(extension.key, second, third, fourth)).toEqual([REVOKED, REVOKED, '200', '200']);
  });

  it.each<[string, (index: number) => number]>([
    ['without a grace', () => 0],
    ['with one', () => 3_600],
    ['with and without', (index) => (index % 2) * 3_600],
  ])('ten times at once, %s and on two instances, leaves one current key and one previous at most', async (_, grace) => {
    const answers = await times(AT_ONCE, async (index) => rotate({ grace_period_seconds: grace(index) }, at(admin.client, index % 2 === 0 ? world.instance : other)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const keys = answers.map(({ body }) => body.api_key as string);
    expect(new Set([...keys, extension.key]).size).toBe(AT_ONCE + 1);
    const told = await times(AT_ONCE, async (index) => world.bearer(keys[index] ?? '').get('/me'));
    const working = told.filter(({ status }) => status === 200);
    const current = working.filter(({ body }) => body.credential.expires_at === null);
    expect(current.map(({ body }) => body.credential.token_prefix)).toEqual([(await shown()).api_key_prefix]);
    expect(working.length).toBeLessThanOrEqual(2);
    expect(await works(extension.key)).toBe(REVOKED);
    const { current: one, previous } = await held();
    expect([one, previous <= 1]).toEqual([1, true]);
  });

  it('ten times at once by the extension itself leaves one current key, which it was told', async () => {
    const answers = await times(AT_ONCE, async () => rotate({ grace_period_seconds: 600 }, extension.client));
    const keys = answers.filter(({ status }) => status === 200).map(({ body }) => body.api_key as string);
    expect(keys.length).toBeGreaterThanOrEqual(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const { api_key_prefix: prefix } = await shown();
    expect(keys.map((key) => key.slice(0, 17))).toContain(prefix);
    expect(await works(keys.find((key) => key.startsWith(prefix)) ?? '')).toBe('200');
    const { current, previous } = await held();
    expect([current, previous <= 1]).toEqual([1, true]);
  });

  it('is the extension’s own right, in either header and by either name', async () => {
    const second = await rotated(0, byHeader(extension.key));
    const { status, body } = await world.bearer(second).post(`/extensions/${extension.extensionId}/secrets/api_key/rotate`);
    expect([status, ...(await verdicts(extension.key, second, body.api_key))]).toEqual([200, REVOKED, REVOKED, '200']);
  });

  it('is refused to a key in its grace, which is on its way out', async () => {
    const next = await rotated(3_600);
    expect(verdict(await rotate(undefined, extension.client))).toBe('403 forbidden');
    expect(verdict(await rotate({ grace_period_seconds: 86_400 }, byHeader(extension.key)))).toBe('403 forbidden');
    expect([await verdicts(extension.key, next), await held()]).toEqual([['200', '200'], { current: 1, previous: 1 }]);
    expect(verdict(await rotate(undefined, world.bearer(next)))).toBe('200');
  });

  it('is refused to a key that an admin’s rotation ends while it asks', async () => {
    const end = ['UPDATE extension_keys SET ends_at = now() WHERE installation_id = $1', [extension.id]] as const;
    const lock = ['SELECT 1 FROM extensions WHERE id = $1 FOR UPDATE', [extension.id]] as const;
    const next = ['INSERT INTO extension_keys (digest, installation_id, prefix, created_at) VALUES ($2, $1, $3, now())', [extension.id, Buffer.alloc(32, extension.id), 'ext_live_00000000']] as const;
    const answer = await meanwhile(world, [lock, end, next], async () => rotate(undefined, extension.client));
    expect([401, 403]).toContain(answer.status);
    expect((await shown()).api_key_prefix).toBe('ext_live_00000000');
  });

  it('is refused to another extension, members, other organizations, and whoever holds less than the key', async () => {
    const neighbour = await install({ id: 'com.example.neighbour' });
    const stranger = await world.register();
    const attempts: [Client, string][] = [
      [neighbour.client, '404 not_found'],
      [stranger.client, '404 not_found'],
      [(await world.member(admin)).client, '403 forbidden'],
      [(await world.token(admin, { scopes: ['issues', 'comments'] })).client, '403 insufficient_scope'],
      [(await world.token(admin, { scopes: ['admin'] })).client, '403 insufficient_scope'],
      [(await world.token(admin, { scopes: ['admin', 'issues', 'comments'], expires_at: '2098-01-01T00:00:00Z' })).client, '403 insufficient_scope'],
      [(await accessToken(world, await application(admin, { scopes: ['admin'] }))).client, '403 insufficient_scope'],
      [new Client(`${world.instance.base}/api/v1`), '401 authorization_required'],
    ];
    for (const [client, refusal] of attempts) expect(verdict(await rotate({ grace_period_seconds: 0 }, client))).toBe(refusal);
    expect([await works(extension.key), await held()]).toEqual(['200', { current: 1, previous: 0 }]);
    for (const scopes of [['admin', 'issues', 'comments'], undefined]) {
      expect(verdict(await rotate({}, (await world.token(admin, { ...(scopes !== undefined && { scopes }) })).client))).toBe('200');
    }
    await admin.client.delete(path(neighbour));
  });

  it('is recorded with whoever did it, and without the key', async () => {
    let key = '';
    const lines = await recorded(world, async () => {
      key = await rotated(600);
      await rotated(0, world.bearer(key));
      await rotate({ grace_period_seconds: 86_401 });
    });
    expect(lines).toEqual([
      `organization:${admin.organizationId} user:${admin.id} extension_key.rotated extension:${extension.id}`,
      `organization:${admin.organizationId} extension:${extension.id} extension_key.rotated extension:${extension.id}`,
    ]);
  });
});

describe('the last use of a key', () => {
  const lastUses = async () => {
    const { api_key_last_used_at: current, previous_api_key: previous } = await shown();
    return [current as string | null, (previous?.last_used_at ?? null) as string | null] as const;
  };
  const isNear = (told: string | null, moment: number) => told !== null && Math.abs(Date.parse(told) - moment) < 5_000;

  it('is told within ten seconds, without being asked for', async () => {
    expect(await lastUses()).toEqual([null, null]);
    const used = world.clock.now().getTime();
    await extension.client.get('/issues');
    await eventually(async () => (await lastUses())[0] !== null, 10);
    expect(isNear((await lastUses())[0], used)).toBe(true);
    expect((await shown()).health).toEqual({ status: 'healthy' });
  });

  it('is that of each key apart during a rotation: the old one’s use is no use of the new one, nor the reverse', async () => {
    const next = world.bearer(await rotated(86_400));
    const first = world.clock.now().getTime();
    await extension.client.get('/issues');
    await flush();
    const [unused, old] = await lastUses();
    expect([unused, isNear(old, first)]).toEqual([null, true]);

    world.clock.advance({ minutes: 5 });
    const second = world.clock.now().getTime();
    await next.get('/issues');
    await flush();
    expect([isNear((await lastUses())[0], second), (await lastUses())[1]]).toEqual([true, old]);

    world.clock.advance({ minutes: 5 });
    const third = world.clock.now().getTime();
    // In one round, by both.
    await Promise.all([extension.client.get('/issues'), next.get('/me'), byHeader(extension.key).get('/issues')]);
    await flush();
    const [current, previous] = await lastUses();
    expect([isNear(current, third), isNear(previous, third)]).toEqual([true, true]);
    expect((await admin.client.get('/extensions')).body.extensions.find(({ id }: { id: number }) => id === extension.id)).toMatchObject({ api_key_last_used_at: current, previous_api_key: { last_used_at: previous } });
  });

  it('is one that was refused for its scope too, and none by a key that is dead or misspelt', async () => {
    const next = await rotated(0);
    for (const key of [extension.key, next.slice(0, -1), `${next.slice(0, -8)}00000000`]) expect((await world.bearer(key).get('/issues')).status).toBe(401);
    await flush();
    expect(await lastUses()).toEqual([null, null]);
    expect((await world.bearer(next).get('/projects')).status).toBe(403);
    await flush();
    expect((await lastUses())[0]).not.toBeNull();
  });

  it('is not moved back by an instance that tells later what it saw earlier', async () => {
    await extension.client.get('/issues');
    world.clock.advance({ minutes: 1 });
    const used = world.clock.now().getTime();
    await at(extension.client, other).get('/issues');
    await flush(other);
    await flush();
    expect(isNear((await lastUses())[0], used)).toBe(true);
  });

  it('costs a hundred requests by two keys no statement each', async () => {
    const next = world.bearer(await rotated(3_600));
    await flush();
    await world.database.sql(`
      CREATE TABLE writes (at timestamptz DEFAULT clock_timestamp());
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO writes DEFAULT VALUES; RETURN NULL; END';
      CREATE TRIGGER note AFTER UPDATE ON extension_keys FOR EACH STATEMENT EXECUTE FUNCTION note()`);
    const begun = performance.now();
    await times(50, async () => Promise.all([extension.client.get('/issues'), next.get('/issues')]));
    await flush();
    const [written] = await world.database.sql<{ count: string }>('SELECT count(*) FROM writes');
    await world.database.sql('DROP TRIGGER note ON extension_keys; DROP FUNCTION note; DROP TABLE writes');
    expect((await lastUses()).map((told) => told !== null)).toEqual([true, true]);
    // Ours, and that of a round or two which may have come in between; one comes every five seconds.
    expect(Number(written?.count)).toBeGreaterThanOrEqual(1);
    expect(Number(written?.count)).toBeLessThanOrEqual(3 + (performance.now() - begun) / 5_000);
  });
});

describe('a key that nobody has ended', () => {
  it.each([
    ['is uninstalled', 'UPDATE extensions SET uninstalled_at = now() WHERE id = $1'],
    ['stands in a project that is gone', 'UPDATE extensions SET project_id = 4000000 WHERE id = $1'],
    ['stands in a project of another organization', 'UPDATE extensions SET project_id = (SELECT min(id) FROM projects WHERE organization_id <> extensions.organization_id) WHERE id = $1'],
  ])('is dead all the same where its installation %s', async (_, statement) => {
    await project(await world.register());
    const own = await installed(world, admin, (await project(admin)).id);
    expect((await own.client.get('/me')).status).toBe(200);
    await world.database.sql(statement, [own.id]);
    expect(verdict(await own.client.get('/me'))).toBe('401 token_revoked');
  });
});

describe('uninstalled and installed again', () => {
  const uninstall = async ({ id }: Pick<Installed, 'id'>) => expect(verdict(await admin.client.delete(`/extensions/${id}`))).toBe('204');

  it.each<[string, () => Promise<string[]>]>([
    ['once', async () => [extension.key]],
    ['after a rotation', async () => [extension.key, await rotated(0)]],
    ['during a grace', async () => [extension.key, await rotated(86_400)]],
    ['after many rotations', async () => [extension.key, await rotated(86_400), await rotated(60), await rotated(0), await rotated(86_400)]],
  ])('%s, it has a new key, and none of the old ones revives', async (_, earlier) => {
    const dead = await earlier();
    for (const grace of [0, 600, 86_400]) {
      await uninstall(extension);
      expect(await verdicts(...dead)).toEqual(dead.map(() => REVOKED));
      extension = await install();
      expect([await verdicts(...dead), await works(extension.key), await held()]).toEqual([dead.map(() => REVOKED), '200', { current: 1, previous: 0 }]);
      dead.push(extension.key, await rotated(grace));
    }
  });

  it('in another project, or with a new project of the same key, it is another installation', async () => {
    const [first, next] = [await project(admin, { project_key: 'TWICE' }), extension];
    const there = await installed(world, admin, first.id);
    await admin.client.delete(`/projects/${first.id}`);
    const second = await project(admin, { project_key: 'TWICE' });
    const here = await installed(world, admin, second.id);
    expect(here.id).not.toBe(there.id);
    expect(await verdicts(there.key, here.key, next.key)).toEqual([REVOKED, '200', '200']);
    await admin.client.delete(`/projects/${second.id}`);
    expect(await verdicts(there.key, here.key, next.key)).toEqual([REVOKED, REVOKED, '200']);
  });

  it('its old installation is not there, under any address', async () => {
    const old = extension;
    await uninstall(old);
    extension = await install();
    const calls = [
      await admin.client.get(path(old)), await admin.client.patch(path(old), { manifest: manifest({ version: '2.0.0' }) }), await admin.client.delete(path(old)),
      await admin.client.get(`${path(old)}/secrets`), await admin.client.post(`${path(old)}/secrets/TOKEN`, { value: 'x' }), await admin.client.post(`${path(old)}/secrets/api_key/rotate`),
    ];
    expect(calls.map(verdict)).toEqual(calls.map(() => '404 not_found'));
    expect([await works(old.key), await works(extension.key)]).toEqual([REVOKED, '200']);
  });

  it('while it is being rotated, no key of the one that ended works, whichever came first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all([
        ...Array.from({ length: 3 }, async () => rotate({ grace_period_seconds: 3_600 })),
        admin.client.delete(path()),
        rotate({ grace_period_seconds: 3_600 }, at(extension.client, other)),
        at(admin.client, other).delete(path()),
      ]);
      expect(answers.filter(({ status }) => ![200, 204, 401, 403, 404].includes(status))).toEqual([]);
      const keys = [extension.key, ...answers.filter(({ status }) => status === 200).map(({ body }) => body.api_key as string)];
      expect(await held()).toEqual({ current: 0, previous: 0 });
      extension = await install();
      expect([await verdicts(...keys), await works(extension.key)]).toEqual([keys.map(() => REVOKED), '200']);
    }
  });

  it('while it is being rotated, the rotation that waited finds nothing', async () => {
    const end: readonly (readonly [string, readonly unknown[]])[] = [
      ['UPDATE extensions SET uninstalled_at = now() WHERE id = $1', [extension.id]],
      ['UPDATE extension_keys SET ends_at = now() WHERE installation_id = $1', [extension.id]],
    ];
    expect(verdict(await meanwhile(world, end, async () => rotate({ grace_period_seconds: 3_600 })))).toBe('404 not_found');
    expect(await held()).toEqual({ current: 0, previous: 0 });
  });
});

describe('on two instances', () => {
  it('a key that one of them ended is refused by the other at once, and the new one taken', async () => {
    let { key } = extension;
    for (let round = 0; round < 10; round += 1) {
      const [here, there] = round % 2 === 0 ? [world.instance, other] : [other, world.instance];
      expect(verdict(await at(byHeader(key), there).get('/issues'))).toBe('200');
      const { body } = await rotate(undefined, at(admin.client, here));
      expect([verdict(await at(byHeader(key), there).get('/issues')), verdict(await at(byHeader(body.api_key), there).get('/issues'))]).toEqual([REVOKED, '200']);
      key = body.api_key;
    }
    await at(admin.client, other).delete(path());
    expect([verdict(await byHeader(key).get('/issues')), verdict(await at(byHeader(key), other).get('/issues'))]).toEqual([REVOKED, REVOKED]);
  });

  it('what a manifest no longer asks for is closed on the other at once', async () => {
    const away = at(extension.client, other);
    expect(verdict(await away.get('/issues'))).toBe('200');
    await admin.client.patch(path(), { manifest: manifest({ version: '2.0.0', permissions: ['comments'] }) });
    expect(verdict(await away.get('/issues'))).toBe('403 insufficient_scope');
  });
});

describe('introspection', () => {
  const ask = async (token: string, by: Parameters<typeof basic>[0]) => (await endpoint(world, 'introspect')({ token }, basic(by))).body;

  it('tells an application of the organization whose key it is, and until when in its grace', async () => {
    const app = await application(admin, { scopes: ['comments:read'] });
    const { body: me } = await extension.client.get('/me');
    const facts = {
      active: true, scope: me.scopes.join(' '), token_type: 'Bearer', sub: String(me.id), username: me.email, org: admin.organizationId, product: 'spravce-gdpr',
      credential: { type: 'extension', id: extension.id },
    };
    expect(await ask(extension.key, app)).toEqual(facts);
    const { body } = await rotate({ grace_period_seconds: 600 });
    expect(await ask(extension.key, app)).toEqual({ ...facts, exp: Math.floor(Date.parse(body.previous_key_expires_at) / 1000) });
    expect(await ask(body.api_key, app)).toEqual(facts);
  });

  it('tells nothing of one that is dead or another organization’s, and is no use of it', async () => {
    const app = await application(admin);
    const theirs = await application(await world.register());
    expect((await ask(extension.key, app)).active).toBe(true);
    expect(await ask(extension.key, theirs)).toEqual({ active: false });
    await flush();
    expect((await shown()).api_key_last_used_at).toBeNull();
    const next = await rotated(0);
    expect([await ask(extension.key, app), await ask(`${next.slice(0, -8)}00000000`, app)]).toEqual([{ active: false }, { active: false }]);
    await admin.client.delete(path());
    expect(await ask(next, app)).toEqual({ active: false });
  });

  it('is no client of ours that asks with a key', async () => {
    const { status, body } = await endpoint(world, 'introspect')({ token: extension.key }, { authorization: `Bearer ${extension.key}` });
    expect([status, Object.keys(body)]).toEqual([400, ['error', 'error_description']]);
  });
});

describe('the limit of requests', () => {
  const told = ({ headers }: Answer) => ['limit', 'remaining'].map((name) => Number(headers.get(`x-ratelimit-${name}`)));

  it('is 600 a minute, and told by request also while limits are off', async () => {
    const { body } = await extension.client.get('/ext/rate_limit');
    expect(body).toEqual({ rate_limit: { limit: 600, remaining: expect.any(Number), reset_in: expect.any(Number), window_seconds: 60 } });
  });

  describe.each([['600 by default', {}, 600], ['a setting', { RATE_LIMIT_EXTENSION: '7' }, 7]])('is %s', (_, env, limit) => {
    let limited: World;
    let home: Person;
    let own: Installed;
    beforeAll(async () => {
      limited = await World.start({ env: { RATE_LIMITS: 'on', ...env } });
      home = await limited.register();
      own = await installed(limited, home, (await project(home)).id);
    });
    afterAll(async () => {
      await limited.stop();
    });

    it('shared by both keys and both headers of an installation, told at each answer, and no other’s', async () => {
      const next = (await home.client.post(`/extensions/${own.id}/secrets/api_key/rotate`, { grace_period_seconds: 600 })).body.api_key as string;
      const inHeader = new Client(`${limited.instance.base}/api/v1`, { 'x-kiket-api-key': own.key });
      const answers = [await inHeader.get('/issues'), await own.client.get('/projects'), await limited.bearer(next).get('/issues/999999')];
      expect(answers.map(({ status }) => status)).toEqual([200, 403, 404]);
      expect(answers.map(told)).toEqual([[limit, limit - 1], [limit, limit - 2], [limit, limit - 3]]);
      expect(Number(answers[0]?.headers.get('x-ratelimit-reset')) - Date.now() / 1000).toBeLessThanOrEqual(61);

      const rest = await times(limit - 3 + 5, async () => inHeader.get('/issues'));
      const refused = rest.filter(({ status }) => status === 429);
      expect([rest.filter(({ status }) => status === 200).length, refused.length]).toEqual([limit - 3, 5]);
      for (const { body, headers } of refused) {
        expect(body).toEqual({ error: 'rate_limit_exceeded', message: expect.any(String), retry_after: Number(headers.get('retry-after')), request_id: expect.any(String) });
        expect(told({ status: 429, body, headers })).toEqual([limit, 0]);
      }
      expect((await limited.bearer(next).get('/me')).status).toBe(429);
      // Whoever has to wait can ask for how long.
      const left = await inHeader.get('/ext/rate_limit');
      expect([left.status, left.body.rate_limit.remaining]).toEqual([200, 0]);

      const elsewhere = await installed(limited, home, (await project(home)).id);
      expect(told(await elsewhere.client.get('/me'))).toEqual([limit, limit - 1]);
      expect((await home.client.get('/me')).status).toBe(200);
    });
  });
});

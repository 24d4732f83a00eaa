import pino from 'pino';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import { verdict } from '../members/invitations.js';
import { accessToken, application } from '../oauth/application.js';
import type { Answer, Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { meanwhile } from '../workspace/meanwhile.js';
import { installed, type Installed, project } from './installation.js';

const AT_ONCE = 20;
const MOST_BYTES = 16 * 1024;
const MOST_SECRETS = 100;
const LISTED = ['created_at', 'fingerprint', 'key', 'last_rotated_at', 'rotation_count', 'updated_at'];
/** Each is found in a dump if it is anywhere. */
const VALUES = ['first-of-7c1d', 'second-of-7c1d', 'third-of-7c1d', 'refused-of-7c1d'] as const;

let world: World;
let admin: Person;
let projectId: number;
let extension: Installed;
beforeAll(async () => {
  world = await World.start();
  world.instance.app.useLogger(new JsonLogger(pino({ level: 'trace' }, { write: (line: string) => void world.logs.push(line) })));
  await world.database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no ink''; END'`);
  admin = await world.register();
  projectId = (await project(admin)).id;
});
beforeEach(async () => {
  extension = await installed(world, admin, projectId);
});
afterEach(async () => {
  await admin.client.delete(`/extensions/${extension.id}`);
});
afterAll(async () => {
  await world.stop();
});

const at = (key = '', { id }: Pick<Installed, 'id'> = extension) => `/extensions/${id}/secrets${key === '' ? '' : `/${encodeURIComponent(key)}`}`;
const set = async (key: string, value: unknown, by: Client = extension.client) => by.post(at(key), { value });
const read = async (key: string, by: Client = extension.client) => by.get(at(key));
const change = async (key: string, value: unknown, by: Client = extension.client) => by.patch(at(key), { secret: { value } });
const create = async (key: unknown, value: unknown, by: Client = extension.client) => by.post(at(), { secret: { key, value } });
const times = async <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, async (_, index) => act(index)));
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);

async function listed(key: string): Promise<Record<string, unknown>> {
  const { secrets } = (await admin.client.get(at())).body;
  return secrets.find((secret: { key: string }) => secret.key === key);
}

/** What the trail says of this installation's secrets since it was made: `actor action key`. */
async function trail(): Promise<string[]> {
  const rows = await world.database.sql<{ line: string }>(
    `SELECT actor_type || ' ' || action || ' ' || (metadata->>'key') AS line FROM audit_entries WHERE target_type = 'extension_secret' AND target_id LIKE $1 ORDER BY id`,
    [`${extension.id}/%`],
  );
  return rows.map(({ line }) => line);
}

/** The trail takes no entry while this goes on. */
async function withoutInk<T>(during: () => Promise<T>): Promise<T> {
  await world.database.sql('CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()');
  try {
    return await during();
  } finally {
    await world.database.sql('DROP TRIGGER refuse ON audit_pending');
  }
}

const rows = async () => world.database.sql('SELECT * FROM extension_secrets WHERE installation_id = $1 ORDER BY key', [extension.id]);

describe('a secret', () => {
  it('is set, created, read, changed and deleted, by the extension and by an admin', async () => {
    for (const { client } of [extension, admin]) {
      const [, setAt] = [await set('SET', 'one', client), await listed('SET')];
      const created = await create('CREATED', 'two', client);
      expect([created.status, created.body.key]).toEqual([201, 'CREATED']);
      expect(setAt).toMatchObject({ key: 'SET', rotation_count: 0 });
      expect([(await read('SET', client)).body, (await read('CREATED', client)).body]).toEqual([{ key: 'SET', value: 'one' }, { key: 'CREATED', value: 'two' }]);
      expect(statuses([await set('SET', 'three', client), await change('CREATED', 'four', client)])).toEqual([200, 200]);
      expect([(await read('SET', client)).body.value, (await read('CREATED', client)).body.value]).toEqual(['three', 'four']);
      const deleted = [await client.delete(at('SET')), await client.delete(at('CREATED'))];
      expect(deleted.map(({ status, body }) => [status, body])).toEqual([[204, ''], [204, '']]);
      expect((await client.get(at())).body).toEqual({ keys: [], secrets: [] });
    }
  });

  it('is set bare or wrapped, and reached by the manifest’s id too', async () => {
    const byName = `/extensions/${extension.extensionId}/secrets`;
    expect(verdict(await extension.client.post(`${byName}/TOKEN`, { secret: { value: 'one' } }))).toBe('200');
    expect((await extension.client.get(`${byName}/TOKEN`)).body).toEqual({ key: 'TOKEN', value: 'one' });
    expect(verdict(await admin.client.post(`/extensions/${extension.extensionId}/secrets`, { key: 'OTHER', value: 'two' }))).toBe('201');
    expect((await read('OTHER')).body.value).toBe('two');
  });

  it('that exists is not created again, and stays as it was', async () => {
    await set('TOKEN', 'one');
    const before = await rows();
    expect(faults(await create('TOKEN', 'two'))).toBe('422 key:taken');
    expect(faults(await create('TOKEN', 'one', admin.client))).toBe('422 key:taken');
    expect(await rows()).toEqual(before);
  });

  it('that is missing is neither read nor changed nor deleted, and comes into being by none of it', async () => {
    for (const { client } of [extension, admin]) {
      await set('GONE', 'x');
      expect((await client.delete(at('GONE'))).status).toBe(204);
      for (const key of ['NEVER', 'GONE', 'lower', 'A'.repeat(65), '1A', 'A-B', 'api_key']) {
        const answers = [await read(key, client), await change(key, 'two', client), await client.delete(at(key))];
        expect([key, ...answers.map(verdict)]).toEqual([key, '404 not_found', '404 not_found', '404 not_found']);
      }
    }
    expect(await rows()).toEqual([]);
  });

  it.each(['A', 'Z9', 'A_', 'API_KEY', 'WEBHOOK_SECRET_2', `A${'B'.repeat(63)}`])('may be called %s', async (key) => {
    expect(statuses([await set(key, 'one'), await read(key), await change(key, 'two'), await extension.client.delete(at(key)), await create(key, 'three')])).toEqual([200, 200, 200, 204, 201]);
    expect((await read(key)).body).toEqual({ key, value: 'three' });
  });

  it.each(['a', 'token', 'Token', 'api_key', '_A', '1A', 'A-B', 'A.B', 'A B', ' A', 'A ', 'A\n', 'ÁB', 'A/B', '*', `A${'B'.repeat(64)}`])('may not be called %j', async (key) => {
    expect(faults(await set(key, 'one'))).toBe('422 key:invalid');
    expect(faults(await create(key, 'one'))).toBe('422 key:invalid');
    expect(await rows()).toEqual([]);
    expect(verdict(await extension.client.get('/me'))).toBe('200');
  });

  it.each<[unknown, string]>([[undefined, 'key:blank'], [null, 'key:blank'], [7, 'key:not_a_string'], [['A'], 'key:not_a_string'], [{}, 'key:not_a_string'], ['', 'key:invalid']])('is not created under the key %j', async (key, fault) => {
    expect(faults(await create(key, 'one'))).toBe(`422 ${fault}`);
    expect(await rows()).toEqual([]);
  });
});

describe('a value', () => {
  const SPELLINGS: [string, string][] = [
    ['lines of every kind', 'one\ntwo\r\nthree\rfour\n\n'],
    ['outer spaces', '  \t value \u00a0\u3000 '],
    ['spaces alone', ' '],
    ['emoji', '😀👩‍👩‍👧‍👦🇨🇿 ☕️'],
    ['composed and decomposed letters', 'é e\u0301 Å A\u030a Å'],
    ['control characters', Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join('') + '\u007f\u0080\u009f'],
    ['separators and marks', '\ufeffvalue\u2028\u2029\u200b\u202e\ufeff'],
    ['what is no character', '\ufffd\uffff\ufffe\u{10ffff}'],
    ['JSON', '{"__proto__":{"a":1},"value":null}'],
    ['a key of some length', `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(50)}-----END PRIVATE KEY-----\n`],
    ['what looks like another type', 'null'],
    ['quotes and backslashes', `'";--\\\\ \\n \\u0000 \${x} %00 <!-- `],
    ['16 KB of letters', 'x'.repeat(MOST_BYTES)],
    ['16 KB of emoji', '😀'.repeat(MOST_BYTES / 4)],
    ['16 KB of control characters', '\u0001'.repeat(MOST_BYTES)],
    ['16 KB of lines with outer spaces', ` \n😀é${'\r\n'.repeat((MOST_BYTES - 10) / 2)}  `],
  ];

  it.each(SPELLINGS)('of %s comes back byte for byte, however it was set', async (_, value) => {
    expect(Buffer.byteLength(value)).toBeLessThanOrEqual(MOST_BYTES);
    const ways: [string, () => Promise<Answer>][] = [
      ['created', async () => create('TOKEN', value)],
      ['set', async () => set('TOKEN', value)],
      ['changed', async () => change('TOKEN', value, admin.client)],
    ];
    for (const [name, way] of ways) {
      expect([name, [200, 201].includes((await way()).status)]).toEqual([name, true]);
      for (const { client } of [extension, admin]) expect(Buffer.from((await read('TOKEN', client)).body.value).equals(Buffer.from(value))).toBe(true);
      if (name === 'created') await set('TOKEN', 'another');
    }
  });

  it.each<[string, unknown, string]>([
    ['one byte more than 16 KB', 'x'.repeat(MOST_BYTES + 1), 'value:too_many_bytes'],
    ['16 KB of letters of two bytes, and one', `${'é'.repeat(MOST_BYTES / 2)}x`, 'value:too_many_bytes'],
    ['emoji that are one byte too many', `x${'😀'.repeat(MOST_BYTES / 4)}`, 'value:too_many_bytes'],
    ['nothing', '', 'value:blank'],
    ['no value', undefined, 'value:blank'],
    ['null', null, 'value:blank'],
    ['a number', 7, 'value:not_a_string'],
    ['a list', ['x'], 'value:not_a_string'],
    ['an object', { value: 'x' }, 'value:not_a_string'],
  ])('of %s is refused by every way, and the one before stays', async (_, value, fault) => {
    await set('TOKEN', 'kept');
    const answers = [await set('TOKEN', value), await create('NEW', value), await change('TOKEN', value)];
    expect(answers.map(faults)).toEqual(answers.map(() => `422 ${fault}`));
    expect([(await read('TOKEN')).body.value, (await rows()).length]).toEqual(['kept', 1]);
  });

  it.each([['NUL', 'a\0b'], ['half a character', 'a\ud800'], ['the other half', '\udc00b']])('with %s, which no text has, is refused', async (_, value) => {
    const answers = [await set('TOKEN', value), await create('TOKEN', value), await change('TOKEN', value)];
    expect(answers.map(verdict)).toEqual(answers.map(() => '422 validation_error'));
    expect(await rows()).toEqual([]);
  });
});

describe('the list of secrets', () => {
  it('has their keys and what may be known of them, in the order of the keys, and nothing else', async () => {
    for (const key of ['B', 'A_2', 'A1', 'Z']) await set(key, `value of ${key}`);
    for (const { client } of [extension, admin]) {
      const { body } = await client.get(at());
      expect(Object.keys(body).sort()).toEqual(['keys', 'secrets']);
      expect(body.keys).toEqual(['A1', 'A_2', 'B', 'Z']);
      expect(body.secrets.map(({ key }: { key: string }) => key)).toEqual(body.keys);
      for (const secret of body.secrets) expect(Object.keys(secret).sort()).toEqual(LISTED);
      expect(JSON.stringify(body)).not.toContain('value of');
    }
  });

  it('is all of the list, however many there are', async () => {
    await times(40, async (index) => set(`KEY_${index}`, 'x'));
    const { body } = await extension.client.get(`${at()}?per_page=10&page=2`);
    expect([body.keys.length, body.secrets.length]).toEqual([40, 40]);
  });

  it('tells how often and when a secret was given another value; the same one written again is none', async () => {
    const created = (await create('TOKEN', 'one')).body;
    expect(created).toMatchObject({ rotation_count: 0, last_rotated_at: null, updated_at: created.created_at });
    world.clock.advance({ minutes: 1 });
    const same = (await set('TOKEN', 'one')).body;
    expect(same).toMatchObject({ rotation_count: 0, last_rotated_at: null, created_at: created.created_at, fingerprint: created.fingerprint });
    expect(Date.parse(same.updated_at)).toBeGreaterThan(Date.parse(created.updated_at));
    world.clock.advance({ minutes: 1 });
    const rotated = (await change('TOKEN', 'two', admin.client)).body;
    expect(rotated).toMatchObject({ rotation_count: 1, last_rotated_at: rotated.updated_at, created_at: created.created_at });
    expect(rotated.fingerprint).not.toBe(created.fingerprint);
    world.clock.advance({ minutes: 1 });
    const again = (await set('TOKEN', 'two')).body;
    expect(again).toMatchObject({ rotation_count: 1, last_rotated_at: rotated.last_rotated_at });
    const back = (await set('TOKEN', 'one')).body;
    expect([back.rotation_count, back.fingerprint]).toEqual([2, created.fingerprint]);
    expect(await listed('TOKEN')).toEqual(back);
    await extension.client.delete(at('TOKEN'));
    expect((await set('TOKEN', 'one')).body).toMatchObject({ rotation_count: 0, last_rotated_at: null });
  });

  it('tells by its fingerprint whether two values of one installation are the same, and of no two installations', async () => {
    const [neighbour, elsewhere] = [await installed(world, admin, projectId, { id: 'com.example.other' }), await installed(world, admin, (await project(admin)).id)];
    const print = async (key: string, value: string, own = extension) => (await own.client.post(at(key, own), { value })).body.fingerprint as string;
    const [one, same, other] = [await print('ONE', 'value'), await print('SAME', 'value'), await print('OTHER', 'value ')];
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect([same === one, other === one]).toEqual([true, false]);
    const former = extension;
    await admin.client.delete(`/extensions/${former.id}`);
    extension = await installed(world, admin, projectId);
    const prints = [one, await print('ONE', 'value'), await print('ONE', 'value', neighbour), await print('ONE', 'value', elsewhere)];
    expect(new Set(prints).size).toBe(4);
    await admin.client.delete(`/extensions/${neighbour.id}`);
  });
});

describe('who may', () => {
  /** All that can be done with a secret. */
  const tries = async (client: Client, { id } = extension) => {
    const path = `/extensions/${id}/secrets`;
    return [
      await client.get(path), await client.get(`${path}/TOKEN`), await client.post(`${path}/TOKEN`, { value: 'theirs' }), await client.post(path, { secret: { key: 'NEW', value: 'theirs' } }),
      await client.patch(`${path}/TOKEN`, { secret: { value: 'theirs' } }), await client.delete(`${path}/TOKEN`),
    ];
  };

  it.each<[string, () => Promise<Client>, string]>([
    ['another extension of the same project', async () => (await installed(world, admin, projectId, { id: 'com.example.neighbour' })).client, '404 not_found'],
    ['the same extension in another project', async () => (await installed(world, admin, (await project(admin)).id)).client, '404 not_found'],
    ['the same extension in another organization', async () => { const other = await world.register(); return (await installed(world, other, (await project(other)).id)).client; }, '404 not_found'],
    ['another organization’s admin', async () => (await world.register()).client, '404 not_found'],
    ['another organization’s token', async () => (await world.token(await world.register())).client, '404 not_found'],
    ['a member', async () => (await world.member(admin)).client, '403 forbidden'],
    ['a viewer', async () => (await world.member(admin, 'viewer')).client, '403 forbidden'],
    ['a token without admin', async () => (await world.token(admin, { scopes: ['issues', 'projects', 'comments', 'users'] })).client, '403 insufficient_scope'],
    ['an application without admin', async () => (await accessToken(world, await application(admin))).client, '403 insufficient_scope'],
    ['a key that was rotated out', async () => { await admin.client.post(`${at()}/api_key/rotate`); return extension.client; }, '401 token_revoked'],
    ['nobody', async () => world.visitor, '401 authorization_required'],
  ])('%s: may not', async (_, caller, refusal) => {
    await set('TOKEN', 'ours');
    const client = await caller();
    const [before, trailBefore] = [await rows(), await trail()];
    const answers = await tries(client);
    expect(answers.map(verdict)).toEqual(answers.map(() => refusal));
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('ours');
    expect([await rows(), await trail()]).toEqual([before, trailBefore]);
  });

  it.each<[string, () => Promise<Client>]>([
    ['the extension', async () => extension.client],
    ['the extension in its grace', async () => { await admin.client.post(`${at()}/api_key/rotate`, { grace_period_seconds: 600 }); return extension.client; }],
    ['an admin', async () => admin.client],
    ['a full-access token', async () => (await world.token(admin)).client],
    ['a token with admin', async () => (await world.token(admin, { scopes: ['admin'] })).client],
    ['an application with admin', async () => (await accessToken(world, await application(admin, { scopes: ['admin'] }))).client],
  ])('%s: may', async (_, caller) => {
    await set('TOKEN', 'ours');
    const answers = await tries(await caller());
    expect(statuses(answers)).toEqual([200, 200, 200, 201, 200, 204]);
    expect(answers[1]?.body).toEqual({ key: 'TOKEN', value: 'ours' });
  });

  it('the same extension of two projects: each key its own, by the manifest’s id; an admin says which', async () => {
    const elsewhere = await installed(world, admin, (await project(admin)).id);
    const path = `/extensions/${extension.extensionId}/secrets/TOKEN`;
    await extension.client.post(path, { value: 'here' });
    await elsewhere.client.post(path, { value: 'there' });
    expect([(await extension.client.get(path)).body.value, (await elsewhere.client.get(path)).body.value]).toEqual(['here', 'there']);
    expect(verdict(await extension.client.get(`${path}?project_id=${elsewhere.projectId}`))).toBe('404 not_found');
    expect(faults(await admin.client.get(path))).toMatch(/^422 project_id:/);
    expect((await admin.client.get(`${path}?project_id=${elsewhere.projectId}`)).body.value).toBe('there');
    await admin.client.delete(`/extensions/${elsewhere.id}`);
  });

  it('under a lapsed subscription: reading and deleting, not writing', async () => {
    const home = await world.register();
    const own = await installed(world, home, (await project(home)).id);
    await own.client.post(at('TOKEN', own), { value: 'one' });
    await world.database.sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, [home.organizationId]);
    const lapsed = '403 subscription_inactive';
    for (const { client } of [own, home]) {
      const answers = (await tries(client, own)).map(verdict);
      expect(answers).toEqual(client === own.client ? ['200', '200', lapsed, lapsed, lapsed, '204'] : ['200', '404 not_found', lapsed, lapsed, lapsed, '404 not_found']);
    }
  });
});

describe('a hundred secrets', () => {
  it('are all that an installation keeps: one more is refused by every way, what is there is changed still, and room is made', async () => {
    const made = await times(MOST_SECRETS - 1, async (index) => set(`KEY_${index}`, 'x'));
    expect(new Set(statuses(made))).toEqual(new Set([200]));
    const last = await times(AT_ONCE, async (index) => (index % 2 === 0 ? set(`LAST_${index}`, 'x') : create(`LAST_${index}`, 'x')));
    expect(last.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(last.filter(({ status }) => status >= 300).map(verdict)).toEqual(Array.from({ length: AT_ONCE - 1 }, () => '422 limit_reached'));
    expect((await rows()).length).toBe(MOST_SECRETS);
    for (const { client } of [extension, admin]) {
      expect([verdict(await set('MORE', 'x', client)), verdict(await create('MORE', 'x', client)), verdict(await set('KEY_0', 'y', client)), verdict(await change('KEY_1', 'y', client)), faults(await create('KEY_2', 'y', client))])
        .toEqual(['422 limit_reached', '422 limit_reached', '200', '200', '422 key:taken']);
    }
    await extension.client.delete(at('KEY_0'));
    expect([verdict(await set('MORE', 'x')), verdict(await set('AND_MORE', 'x'))]).toEqual(['200', '422 limit_reached']);
    const neighbour = await installed(world, admin, projectId, { id: 'com.example.roomy' });
    expect(verdict(await neighbour.client.post(at('TOKEN', neighbour), { value: 'x' }))).toBe('200');
    await admin.client.delete(`/extensions/${neighbour.id}`);
  });
});

describe('the trail', () => {
  it('holds each write and each deletion, and none that was refused', async () => {
    await create('TOKEN', 'one');
    await set('TOKEN', 'two', admin.client);
    await change('TOKEN', 'three');
    await create('TOKEN', 'four');
    await set('token', 'five');
    await change('OTHER', 'six');
    await extension.client.delete(at('OTHER'));
    await extension.client.delete(at('TOKEN'));
    expect(await trail()).toEqual(['extension extension_secret.set TOKEN', 'user extension_secret.set TOKEN', 'extension extension_secret.set TOKEN', 'extension extension_secret.deleted TOKEN']);
  });

  it('holds an admin’s read each time, and none of a list or of what is not there', async () => {
    await set('TOKEN', 'one');
    const token = await world.token(admin);
    for (let round = 0; round < 3; round += 1) await read('TOKEN', admin.client);
    await read('TOKEN', token.client);
    await read('OTHER', admin.client);
    await admin.client.get(at());
    expect((await trail()).slice(1)).toEqual([...Array.from({ length: 3 }, () => 'user extension_secret.read TOKEN'), 'workspace_token extension_secret.read TOKEN']);
  });

  it('holds the extension’s own once per key and hour, whoever else reads meanwhile', async () => {
    const reads = async () => (await trail()).filter((line) => line.startsWith('extension extension_secret.read'));
    await set('ONE', '1');
    await set('TWO', '2');
    await read('ONE', admin.client);
    for (let round = 0; round < 3; round += 1) await read('ONE');
    await read('TWO');
    expect(await reads()).toEqual(['extension extension_secret.read ONE', 'extension extension_secret.read TWO']);
    const next = (await admin.client.post(`${at()}/api_key/rotate`, { grace_period_seconds: 86_400 })).body.api_key as string;
    world.clock.advance({ minutes: 59 });
    await read('ONE');
    await read('ONE', world.bearer(next));
    expect(await reads()).toHaveLength(2);
    world.clock.advance({ minutes: 2 });
    await read('ONE');
    await read('ONE', world.bearer(next));
    expect(await reads()).toEqual(['extension extension_secret.read ONE', 'extension extension_secret.read TWO', 'extension extension_secret.read ONE']);
    admin = await world.login(admin.email);
  });

  it('holds one of twenty reads at once by the extension, and all of twenty by an admin', async () => {
    await set('TOKEN', 'one');
    const own = await times(AT_ONCE, async () => read('TOKEN'));
    expect(own.map(({ body }) => body.value)).toEqual(own.map(() => 'one'));
    expect((await trail()).slice(1)).toEqual(['extension extension_secret.read TOKEN']);
    await times(AT_ONCE, async () => read('TOKEN', admin.client));
    expect((await trail()).slice(2)).toEqual(Array.from({ length: AT_ONCE }, () => 'user extension_secret.read TOKEN'));
  });

  it('that takes no entry lets nobody read, and is tried again at the next read', async () => {
    await set('TOKEN', 'unread-of-7c1d');
    await withoutInk(async () => {
      for (const { client } of [extension, admin]) {
        const answer = await read('TOKEN', client);
        expect(answer.body).toEqual({ error: 'internal_error', message: expect.any(String), request_id: expect.any(String) });
        expect([answer.status, JSON.stringify(answer.body).includes('unread-of')]).toEqual([500, false]);
      }
    });
    expect((await read('TOKEN')).body.value).toBe('unread-of-7c1d');
    expect((await trail()).slice(1)).toEqual(['extension extension_secret.read TOKEN']);
    // Within the hour there is nothing to be written.
    expect((await withoutInk(async () => read('TOKEN'))).body.value).toBe('unread-of-7c1d');
  });

  it('that takes no entry lets nothing be written or deleted', async () => {
    await set('TOKEN', 'one');
    const before = await rows();
    await withoutInk(async () => {
      const answers = [await set('TOKEN', 'two'), await set('NEW', 'two'), await create('NEW', 'two'), await change('TOKEN', 'two'), await extension.client.delete(at('TOKEN'))];
      expect(answers.map(verdict)).toEqual(answers.map(() => '500 internal_error'));
    });
    expect(await rows()).toEqual(before);
  });
});

describe('at once', () => {
  it('twenty sets of one key leave one value, each counted', async () => {
    const answers = await times(AT_ONCE, async (index) => set('TOKEN', `value ${index}`));
    expect(answers.map(verdict)).toEqual(answers.map(() => '200'));
    const { value } = (await read('TOKEN')).body;
    expect(value).toMatch(/^value \d+$/);
    const { rotation_count: count, fingerprint } = await listed('TOKEN');
    expect([count, (await rows()).length, (await trail()).filter((line) => line.endsWith('.set TOKEN')).length]).toEqual([AT_ONCE - 1, 1, AT_ONCE]);
    const latest = answers.find(({ body }) => body.rotation_count === AT_ONCE - 1);
    expect([latest?.body.fingerprint, value]).toEqual([fingerprint, `value ${answers.indexOf(latest as Answer)}`]);
  });

  it('twenty creations of one key make one, and the rest are told', async () => {
    const answers = await times(AT_ONCE, async (index) => create('TOKEN', `value ${index}`));
    const made = answers.filter(({ status }) => status === 201);
    expect([made.length, new Set(answers.filter(({ status }) => status !== 201).map(faults))]).toEqual([1, new Set(['422 key:taken'])]);
    expect((await read('TOKEN')).body.value).toBe(`value ${answers.findIndex(({ status }) => status === 201)}`);
  });

  it('a set that waits for an uninstallation finds nothing and leaves no row', async () => {
    for (const write of [async () => set('TOKEN', 'x', admin.client), async () => create('TOKEN', 'x')]) {
      const { id } = extension;
      const end = [['UPDATE extensions SET uninstalled_at = now() WHERE id = $1', [id]], ['DELETE FROM extension_secrets WHERE installation_id = $1', [id]]] as const;
      expect(verdict(await meanwhile(world, end, write))).toBe('404 not_found');
      expect(await rows()).toEqual([]);
      extension = await installed(world, admin, projectId);
    }
  });

  it('sets and an uninstallation leave no row, whichever came first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([set('A', 'x'), set('B', 'x', admin.client), create('C', 'x'), admin.client.delete(`/extensions/${extension.id}`), set('D', 'x', admin.client), create('E', 'x', admin.client)]);
      expect(answers.filter(({ status }) => ![200, 201, 204, 401, 404].includes(status))).toEqual([]);
      expect(await rows()).toEqual([]);
      extension = await installed(world, admin, projectId);
      expect((await extension.client.get(at())).body).toEqual({ keys: [], secrets: [] });
    }
  });
});

describe('an installation that ends', () => {
  it.each<[string, (own: Installed) => string]>([
    ['by being uninstalled', ({ id }) => `/extensions/${id}`],
    ['with its project', (own) => `/projects/${own.projectId}`],
  ])('%s takes its secrets with it, and no installation brings them back', async (_, end) => {
    const own = await installed(world, admin, (await project(admin)).id);
    await own.client.post(at('TOKEN', own), { value: 'x' });
    await set('TOKEN', 'y');
    expect((await admin.client.delete(end(own))).status).toBe(204);
    expect(await world.database.sql('SELECT * FROM extension_secrets WHERE installation_id = $1', [own.id])).toEqual([]);
    const stands = (await admin.client.get(`/projects/${own.projectId}`)).status === 200;
    const again = await installed(world, admin, stands ? own.projectId : (await project(admin)).id);
    expect((await again.client.get(at('', again))).body).toEqual({ keys: [], secrets: [] });
    expect(verdict(await again.client.get(at('TOKEN', again)))).toBe('404 not_found');
    expect((await read('TOKEN')).body.value).toBe('y');
  });
});

describe('no value stands', () => {
  const spellings = (value: string) => [value, Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64').replace(/=+$/, ''), encodeURIComponent(value)];
  const leaks = (text: string) => VALUES.filter((value) => spellings(value).some((spelling) => text.includes(spelling)));

  beforeAll(async () => {
    const own = await installed(world, admin, (await project(admin)).id);
    const { client } = own;
    const path = (key: string) => at(key, own);
    await client.post(path('TOKEN'), { value: VALUES[0] });
    await admin.client.patch(path('TOKEN'), { secret: { value: VALUES[1] } });
    await client.post(path(''), { secret: { key: 'OTHER', value: VALUES[2] } });
    for (const reader of [client, admin.client]) expect((await reader.get(path('TOKEN'))).body.value).toBe(VALUES[1]);
    const refused = VALUES[3];
    await client.post(path('lower'), { value: refused });
    await client.post(path(''), { secret: { key: 'TOKEN', value: refused } });
    await client.post(path('TOKEN'), { value: [refused] });
    await client.post(path('TOKEN'), `{"value":"${refused}`);
    await withoutInk(async () => {
      expect(verdict(await client.post(path('TOKEN'), { value: refused }))).toBe('500 internal_error');
      expect(verdict(await client.patch(path('TOKEN'), { secret: { value: refused } }))).toBe('500 internal_error');
    });
    await world.database.sql('ALTER TABLE data_keys RENAME TO gone');
    expect(verdict(await client.post(path('TOKEN'), { value: refused }))).toBe('500 internal_error');
    await world.database.sql('ALTER TABLE gone RENAME TO data_keys');
    await world.database.sql('ALTER TABLE extension_secrets RENAME TO gone');
    expect(verdict(await client.post(path('TOKEN'), { value: refused }))).toBe('500 internal_error');
    await world.database.sql('ALTER TABLE gone RENAME TO extension_secrets');
    await client.delete(path('OTHER'));
  });

  it('in what is looked for in vain', () => {
    for (const value of VALUES) expect(spellings(value).flatMap(leaks)).toEqual(spellings(value).map(() => value));
  });

  it('in a log line, be it of an answer, a refusal or an error', () => {
    expect(world.logs.some((line) => line.includes('unexpected error'))).toBe(true);
    expect(world.logs.some((line) => line.includes('/secrets/TOKEN'))).toBe(true);
    expect(leaks(world.logs.join('\n'))).toEqual([]);
  });

  it('in the trail, nor in what an admin reads of it', async () => {
    const entries = JSON.stringify(await world.database.sql(`SELECT e::text FROM audit_entries e WHERE action LIKE 'extension_secret.%'`));
    expect(entries).toContain('extension_secret.deleted');
    expect(leaks(entries)).toEqual([]);
  });

  it('in any table, as text or as bytes', async () => {
    const tables = await world.database.sql<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['public.extension_secrets', 'public.audit_entries', 'jobs.job_common']));
    let text = '';
    for (const { name } of tables) {
      const found = await world.database.sql<Record<string, unknown>>(`SELECT * FROM ${name}`);
      text += JSON.stringify(found.map((row) => Object.values(row).flatMap((value) => (Buffer.isBuffer(value) ? (['latin1', 'hex', 'base64'] as const).map((form) => value.toString(form)) : [value]))));
    }
    expect(text.length).toBeGreaterThan(10_000);
    expect(leaks(text)).toEqual([]);
  });
});

import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { installed, project } from '../extensions/installation.js';
import { invite, verdict } from '../members/invitations.js';
import { accessToken, application } from '../oauth/application.js';
import type { Answer, Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

let world: World;
let admin: Person;
let eva: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  eva = await world.member(admin);
});
afterAll(async () => {
  await world.stop();
});

const news = (fields: object = {}) => ({ user_ids: [admin.id], type: 'export_ready', title: 'Export ready', message: 'Your export is ready.', ...fields });
const send = async (fields: object = {}, client: Client = admin.client) => client.post('/notifications', { notification: news(fields) });
const under = (key: string, client: Client = admin.client) => client.with({ 'idempotency-key': key });
const stored = async () => world.database.sql('SELECT * FROM notifications ORDER BY id');
const told = ({ body }: Answer) => (body.notifications as { user_id: number }[]).map(({ user_id: id }) => id);
const serial = { last: 0 };
const freshKey = () => `key-${(serial.last += 1)}`;

async function titlesOf({ client }: Person): Promise<string[]> {
  return (await client.get('/notifications?per_page=100')).body.data.map(({ title }: { title: string }) => title);
}

describe('a notification', () => {
  it('reaches those it names and nobody else', async () => {
    const jan = await world.member(admin, 'viewer');
    const { status, body } = await send({ user_ids: [eva.id, admin.id], title: 'For two', message: ' Line one\n  line two ', url: '/exports/12' });
    expect([status, Object.keys(body)]).toEqual([201, ['notifications']]);
    expect(body.notifications.toSorted((one: { user_id: number }, other: { user_id: number }) => one.user_id - other.user_id)).toEqual([
      { id: expect.any(Number), user_id: admin.id },
      { id: expect.any(Number), user_id: eva.id },
    ]);
    const [{ id }] = body.notifications.filter(({ user_id: user }: { user_id: number }) => user === eva.id);
    expect((await eva.client.get('/notifications')).body.data[0]).toEqual({
      id, type: 'export_ready', title: 'For two', message: ' Line one\n  line two ', url: '/exports/12', read_at: null, created_at: expect.stringMatching(/Z$/),
    });
    expect(await titlesOf(admin)).toContain('For two');
    expect(await titlesOf(jan)).toEqual([]);
  });

  it('may be sent bare, and takes nothing it is not asked for', async () => {
    const smuggled = { id: 1, read_at: '2020-01-01T00:00:00Z', created_at: '2020-01-01T00:00:00Z', organization_id: 1, membership_id: 1, stream_offset: 1 };
    const { status, body } = await admin.client.post('/notifications', { ...news({ title: 'Bare' }), ...smuggled });
    expect(status).toBe(201);
    const [row] = (await admin.client.get('/notifications')).body.data;
    expect(row).toMatchObject({ id: body.notifications[0].id, title: 'Bare', read_at: null });
    expect(row.id).not.toBe(1);
    expect(Date.parse(row.created_at)).toBeGreaterThan(Date.parse('2021-01-01'));
  });

  it('is told once to who is named twice', async () => {
    expect(told(await send({ user_ids: [eva.id, eva.id, admin.id, eva.id] })).toSorted((one, other) => one - other)).toEqual([admin.id, eva.id]);
  });

  it.each(["' OR 1=1--", "'); DROP TABLE notifications; --", '{name} $t(errors.not_found)', '<script>alert(1)</script>', '{{7*7}}', '%00', '😀 Příliš žluťoučký'])('is a text like any other: %s', async (text) => {
    expect((await send({ title: text, message: text })).status).toBe(201);
    expect((await admin.client.get('/notifications')).body.data[0]).toMatchObject({ title: text, message: text });
  });

  it.each<[string, object, string]>([
    ['nobody', { user_ids: [] }, 'user_ids:blank'],
    ['no list', { user_ids: 7 }, 'user_ids:not_a_list'],
    ['no users', { user_ids: null }, 'user_ids:blank'],
    ['ids in words', { user_ids: ['1'] }, 'user_ids:not_a_number'],
    ['a fraction', { user_ids: [1.5] }, 'user_ids:not_a_number'],
    ['a negative', { user_ids: [-1] }, 'user_ids:not_a_number'],
    ['an object', { user_ids: [{ $ne: 1 }] }, 'user_ids:not_a_number'],
    ['too great an id', { user_ids: [2 ** 64] }, 'user_ids:not_a_number'],
    ['a thousand and one', { user_ids: Array.from({ length: 1_001 }, (_, index) => index + 1) }, 'user_ids:too_many'],
    ['no type', { type: null }, 'type:blank'],
    ['a type with a capital', { type: 'News' }, 'type:invalid'],
    ['a type with a space', { type: 'a b' }, 'type:invalid'],
    ['a type of 65', { type: 'x'.repeat(65) }, 'type:invalid'],
    ['a type that is a list', { type: ['news'] }, 'type:not_a_string'],
    ['no title', { title: '' }, 'title:blank'],
    ['a title of spaces', { title: '  ' }, 'title:blank'],
    ['a title of 201', { title: 'x'.repeat(201) }, 'title:too_long'],
    ['a title of two lines', { title: 'a\nb' }, 'title:invalid'],
    ['a title that is a number', { title: 7 }, 'title:not_a_string'],
    ['no message', { message: null }, 'message:blank'],
    ['a message of 2,001', { message: 'x'.repeat(2_001) }, 'message:too_long'],
    ['a message that is an object', { message: { text: 'x' } }, 'message:not_a_string'],
    ['a url that is a number', { url: 7 }, 'url:not_a_string'],
  ])('with %s is refused, and nothing is written', async (_, fields, fault) => {
    const before = await stored();
    expect(faults(await send(fields))).toBe(`422 ${fault}`);
    expect(await stored()).toEqual(before);
  });

  it('names every field that is missing', async () => {
    const { status, body } = await admin.client.post('/notifications', { notification: {} });
    expect([status, body.error]).toEqual([422, 'validation_error']);
    expect(body.details.map(({ field }: { field: string }) => field).toSorted()).toEqual(['message', 'title', 'type', 'user_ids']);
    for (const bad of [{ notification: 'x' }, { notification: null }, { notification: [] }]) expect(faults(await admin.client.post('/notifications', bad))).toBe('422 notification:invalid');
  });

  it('may be as long as it may be', async () => {
    const longest = { type: `a${'9'.repeat(63)}`, title: '😀'.repeat(200), message: 'ž'.repeat(2_000), url: `/${'x'.repeat(1_999)}` };
    expect((await send(longest)).status).toBe(201);
    expect((await admin.client.get('/notifications')).body.data[0]).toMatchObject(longest);
  });

  it.each([
    '/', '/exports/12', '/a?b=c#d', '/%2f%2fevil.example', '/žluť', '/@evil.example', 'https://app.spravce-gdpr.cz', 'https://app.spravce-gdpr.cz/exports/12?x=1#y', 'https://app.spravce-gdpr.cz:443/x', null,
  ])('may lead to %s', async (url) => {
    expect((await send({ url })).status).toBe(201);
    expect((await admin.client.get('/notifications')).body.data[0].url).toBe(url);
  });

  it.each([
    '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', 'https://evil.example', 'https://evil.example/app.spravce-gdpr.cz', 'https://app.spravce-gdpr.cz.evil.example',
    'https://app.spravce-gdpr.cz@evil.example', 'https://user:secret@app.spravce-gdpr.cz/', 'https://user@app.spravce-gdpr.cz/', 'http://app.spravce-gdpr.cz/', 'https://app.spravce-gdpr.cz:8443/', 'https://APP.spravce-gdpr.cz:1/',
    'javascript:alert(1)', 'data:text/html,x', 'blob:https://app.spravce-gdpr.cz/x', 'exports/12', './x', '../x', '?x', '#x', 'https:/app.spravce-gdpr.cz\\@evil.example', 'https://', '/a b', '/a\u0001b', '/a\u2028b', 'https://kanzlei.example/',
  ])('may not lead to %j', async (url) => {
    const before = await stored();
    expect(faults(await send({ url }))).toBe('422 url:invalid');
    expect(await stored()).toEqual(before);
  });

  it('may lead within the product that it is sent in, not within another', async () => {
    const founder = await world.register({ product: 'kiket' });
    const send = async (url: string) => founder.client.post('/notifications', { notification: news({ user_ids: [founder.id], url }) });
    expect(verdict(await send('https://auth.test/settings/x'))).toBe('201');
    expect(faults(await send('https://app.spravce-gdpr.cz/'))).toBe('422 url:invalid');
  });
});

describe('who is no member', () => {
  const outsiders: [string, () => Promise<number>][] = [
    ['somebody of another organization', async () => (await world.register()).id],
    ['nobody at all', async () => 4_000_000],
    ['somebody who was removed', async () => {
      const gone = await world.member(admin);
      await admin.client.delete(`/users/${gone.id}`);
      return gone.id;
    }],
    ['somebody who is disabled', async () => {
      const disabled = await world.member(admin);
      await world.instance.app.get(Operator).disableUser(disabled.email);
      return disabled.id;
    }],
    ['somebody who has not accepted', async () => {
      const { member } = await invite(world, admin);
      await admin.client.delete(`/users/${member.id}`);
      return member.id as number;
    }],
    ['an application', async () => (await (await accessToken(world, await application(admin, { scopes: ['issues'] }))).client.get('/me')).body.id as number],
  ];

  it.each(outsiders)('is not told, and then nobody is: %s', async (_, make) => {
    const outsider = await make();
    const before = await stored();
    const key = freshKey();
    for (const client of [admin.client, under(key)]) expect(faults(await send({ user_ids: [admin.id, outsider, eva.id] }, client))).toBe('422 user_ids:invalid');
    expect(await stored()).toEqual(before);
    // What failed is not remembered.
    expect((await send({}, under(key))).status).toBe(201);
  });
});

it('a thousand members are told in one request', async () => {
  const founder = await world.register();
  // What is announced of them is longer than PostgreSQL takes at once.
  await world.database.sql('ALTER TABLE memberships ALTER COLUMN id RESTART WITH 1000000000');
  const rows = await world.database.sql<{ id: string }>(
    `WITH added AS (
       INSERT INTO users (email, canonical_email, name, locale, created_at, updated_at)
       SELECT 'm' || n || '@thousand.cz', 'm' || n || '@thousand.cz', 'Member ' || n, 'cs', now(), now() FROM generate_series(1, 999) n RETURNING id),
     joined AS (INSERT INTO memberships (organization_id, user_id, role, created_at, updated_at, joined_at) SELECT $1, id, 'member', now(), now(), now() FROM added)
     SELECT id FROM added`,
    [founder.organizationId],
  );
  const all = [founder.id, ...rows.map(({ id }) => Number(id))];
  const answer = await send({ user_ids: all }, founder.client);
  expect(answer.status).toBe(201);
  expect(told(answer).toSorted((one, other) => one - other)).toEqual(all.toSorted((one, other) => one - other));
  const [count] = await world.database.sql<{ rows: number; inboxes: number }>(
    `SELECT count(*)::int AS rows, (SELECT count(*)::int FROM inboxes WHERE organization_id = $1 AND unread_count = 1 AND last_offset = 1) AS inboxes FROM notifications WHERE organization_id = $1`,
    [founder.organizationId],
  );
  expect(count).toEqual({ rows: 1_000, inboxes: 1_000 });
});

describe('who may send', () => {
  it('is whoever holds notifications:write', async () => {
    const writer = (await world.token(admin, { scopes: ['notifications:write'] })).client;
    const machine = (await accessToken(world, await application(admin, { scopes: ['notifications:write'] }))).client;
    const extension = (await installed(world, admin, (await project(admin)).id, { permissions: ['notifications:write'] })).client;
    for (const client of [admin.client, eva.client, writer, machine, extension]) {
      const answer = await send({ user_ids: [admin.id, eva.id], title: 'By one' }, client);
      expect([answer.status, told(answer).length]).toEqual([201, 2]);
    }
  });

  it('is nobody else', async () => {
    const viewer = await world.member(admin, 'viewer');
    const reader = (await world.token(admin, { scopes: ['notifications:read', 'users', 'issues', 'admin'] })).client;
    const machine = (await accessToken(world, await application(admin, { scopes: ['issues', 'notifications:read'] }))).client;
    const extension = (await installed(world, admin, (await project(admin)).id, { id: 'com.example.quiet', permissions: ['issues'] })).client;
    const founder = await world.register({ product: 'kanzlei' });
    const before = await stored();
    expect(verdict(await send({}, viewer.client))).toBe('403 forbidden');
    expect(verdict(await send({ user_ids: [founder.id] }, founder.client))).toBe('403 feature_disabled');
    expect(verdict(await send({}, world.visitor))).toBe('401 authorization_required');
    for (const client of [reader, machine, extension]) {
      const answer = await send({}, client);
      expect([verdict(answer), answer.body.required_scopes]).toEqual(['403 insufficient_scope', ['notifications:write']]);
    }
    expect(await stored()).toEqual(before);
  });
});

describe('under a key', () => {
  it('the same again is answered the same and done once', async () => {
    const client = under(freshKey());
    const before = (await stored()).length;
    const first = await send({ user_ids: [admin.id, eva.id] }, client);
    const again = await send({ user_ids: [admin.id, eva.id] }, client);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(first.status).toBe(201);
    expect((await stored()).length).toBe(before + 2);
  });

  it('something else is a conflict, and is not done', async () => {
    const client = under(freshKey());
    await send({}, client);
    const before = await stored();
    for (const other of [{ title: 'Other' }, { message: 'Other' }, { user_ids: [eva.id] }, { user_ids: [admin.id, eva.id] }, { url: '/x' }, { type: 'other' }]) {
      expect(verdict(await send(other, client))).toBe('409 idempotency_conflict');
    }
    expect(await stored()).toEqual(before);
    expect((await send({}, client)).status).toBe(201);
  });

  it('twenty at once have one effect and one answer', async () => {
    const client = under(freshKey());
    const before = (await stored()).length;
    const answers = await Promise.all(Array.from({ length: 20 }, async () => send({ user_ids: [admin.id, eva.id] }, client)));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [201, answers[0]?.body]));
    expect((await stored()).length).toBe(before + 2);
  });

  it('twenty different at once: one is done, and the rest conflict', async () => {
    const client = under(freshKey());
    const before = (await stored()).length;
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) => send({ title: `Race ${index}` }, client)));
    expect(answers.map(verdict).toSorted()).toEqual(['201', ...Array.from({ length: 19 }, () => '409 idempotency_conflict')]);
    expect((await stored()).length).toBe(before + 1);
  });

  it('of one credential is not that of another', async () => {
    const key = freshKey();
    const one = (await world.token(admin, { scopes: ['notifications'] })).client;
    const other = (await world.token(admin, { scopes: ['notifications'] })).client;
    const founder = await world.register();
    const extension = (await installed(world, admin, (await project(admin)).id, { id: 'com.example.keyed', permissions: ['notifications:write'] })).client;
    const before = (await stored()).length;
    for (const client of [one, other, admin.client, eva.client, extension]) expect((await send({}, under(key, client))).status).toBe(201);
    expect((await send({ user_ids: [founder.id] }, under(key, founder.client))).status).toBe(201);
    expect((await stored()).length).toBe(before + 6);
  });

  it.each(['', ' ', 'a b', 'ž', 'x'.repeat(256)])('that is none is refused: %j', async (key) => {
    const before = await stored();
    const answer = await send({}, under(encodeURI(key) === key ? key : Buffer.from(key).toString('latin1')));
    expect(faults(answer)).toBe('422 Idempotency-Key:invalid');
    expect(await stored()).toEqual(before);
  });

  it('holds on every instance', async () => {
    const other = await world.anotherInstance();
    const client = under(freshKey());
    const before = (await stored()).length;
    const [one, another] = await Promise.all([send({}, client), send({}, client.at(`${other.base}/api/v1`))]);
    expect(another.body).toEqual(one.body);
    expect((await stored()).length).toBe(before + 1);
  });

  it('is remembered for a day and no longer', async () => {
    const token = (await world.token(admin, { scopes: ['notifications'] })).client;
    const client = under(freshKey(), token);
    const first = await send({}, client);
    world.clock.advance({ hours: 23, minutes: 59 });
    expect((await send({}, client)).body).toEqual(first.body);
    expect(verdict(await send({ title: 'Other' }, client))).toBe('409 idempotency_conflict');
    world.clock.advance({ minutes: 2 });
    const next = await send({ title: 'Other' }, client);
    expect(next.status).toBe(201);
    expect(next.body).not.toEqual(first.body);
    expect((await send({ title: 'Other' }, client)).body).toEqual(next.body);
  });
});

import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { created, openIssue, startProject } from './desk.js';
import { faults } from './faults.js';
import { meanwhile } from './meanwhile.js';

let world: World;
let admin: Person;
let eva: Person;
// An issue, as the API answers.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
let issue: any;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ name: 'Avery' });
  eva = await world.member(admin);
  issue = await openIssue(admin.client, await startProject(admin.client));
});
afterAll(async () => {
  await world.stop();
});

const path = (id?: number) => `/issues/${issue.id}/comments${id === undefined ? '' : `/${id}`}`;
const say = async (body: string, client: Client = admin.client) => created(await client.post(path(), { comment: { body } }));
const bodies = (comments: readonly { body: string }[]) => comments.map(({ body }) => body);
const stored = async () => world.database.sql('SELECT * FROM comments ORDER BY id');

describe('a comment', () => {
  it('is its author’s, and is read by everybody in the organization', async () => {
    const { status, body } = await eva.client.post(path(), { comment: { body: 'Line one\n  line two ' } });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number), body: 'Line one\n  line two ', author: { id: eva.id, name: 'Eva Malá', email: eva.email },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), updated_at: body.created_at,
    }]);
    const viewer = await world.member(admin, 'viewer');
    for (const { client } of [eva, admin, viewer]) {
      expect((await client.get(path(body.id))).body).toEqual(body);
      expect((await client.get(path())).body.comments).toContainEqual(body);
    }
  });

  it('may be sent bare, and nobody writes in another’s name or at another time', async () => {
    const smuggled = { id: 1, author_id: eva.id, author: { id: eva.id }, issue_id: 1, organization_id: 1, created_at: '2020-01-01T00:00:00Z' };
    const { status, body } = await admin.client.post(path(), { body: 'Bare', ...smuggled });
    expect([status, body.author.id, body.body]).toEqual([201, admin.id, 'Bare']);
    expect(body.id).not.toBe(1);
    expect(Date.parse(body.created_at)).toBeGreaterThan(Date.parse('2026-01-01'));
  });

  it('is the same at either address', async () => {
    const body = created(await admin.client.post(`/ext${path()}`, { comment: { body: 'Mounted' } }));
    expect((await admin.client.get(path(body.id))).body).toEqual(body);
    expect((await admin.client.get(`/ext${path()}`)).body.comments).toContainEqual(body);
    expect((await admin.client.patch(`/ext${path(body.id)}`, { comment: { body: 'Moved' } })).body.body).toBe('Moved');
    expect((await admin.client.delete(`/ext${path(body.id)}`)).status).toBe(204);
    expect((await admin.client.get(`/ext${path(body.id)}`)).status).toBe(404);
  });

  it('bears its author’s name as it is now, and stays when they leave', async () => {
    const jan = await world.member(admin);
    const { id } = await say('Mine', jan.client);
    await jan.client.put('/auth/me', { name: 'Jan Nový' });
    expect((await admin.client.get(path(id))).body.author.name).toBe('Jan Nový');
    await admin.client.delete(`/users/${jan.id}`);
    expect((await admin.client.get(path(id))).body).toMatchObject({ body: 'Mine', author: { id: jan.id, name: 'Jan Nový' } });
  });

  it.each([
    [null, 'blank'], ['', 'blank'], [' \n ', 'blank'], ['x'.repeat(50_001), 'too_long'], [7, 'not_a_string'], [['x'], 'not_a_string'], [{ $ne: '' }, 'not_a_string'],
  ])('is not %j', async (body, code) => {
    const { id } = await say('Before');
    const before = await stored();
    expect(faults(await admin.client.post(path(), { comment: { body } }))).toBe(`422 body:${code}`);
    expect(faults(await admin.client.patch(path(id), { comment: { body } }))).toBe(`422 body:${code}`);
    expect(await stored()).toEqual(before);
  });

  it('has a body when it is written, and may have one of fifty thousand characters', async () => {
    for (const body of [{}, { comment: {} }]) expect(faults(await admin.client.post(path(), body))).toBe('422 body:blank');
    for (const body of [{ comment: 'x' }, { comment: null }, { comment: [] }]) expect(faults(await admin.client.post(path(), body))).toBe('422 comment:invalid');
    expect((await say('x'.repeat(50_000))).body).toHaveLength(50_000);
  });

  it.each(["' OR 1=1--", "'); DROP TABLE comments; --", '$1', ':id', '<script>alert(1)</script>', '{{7*7}}', '\u2028', '%00'])('is a text like any other: %s', async (text) => {
    const { id } = await say(`a${text}`);
    expect((await admin.client.get(path(id))).body.body).toBe(`a${text}`);
    expect((await admin.client.patch(path(id), { comment: { body: `b${text}` } })).body.body).toBe(`b${text}`);
  });
});

describe('the list', () => {
  it('holds the comments of the issue, oldest first, under a name of its own', async () => {
    const { id } = await openIssue(admin.client, { id: issue.project_id });
    expect((await admin.client.get(`/issues/${id}/comments`)).body).toEqual({ comments: [], meta: { current_page: 1, per_page: 25, total_pages: 0, total_count: 0 } });
    const first = created(await admin.client.post(`/issues/${id}/comments`, { comment: { body: 'one' } }));
    for (const body of ['two', 'three', 'four', 'five']) await eva.client.post(`/issues/${id}/comments`, { comment: { body } });
    world.clock.advance({ seconds: 1 });
    await admin.client.patch(`/issues/${id}/comments/${first.id}`, { comment: { body: 'one, edited' } });
    const list = async (query: string) => (await admin.client.get(`/issues/${id}/comments?${query}`)).body;
    expect(bodies((await list('')).comments)).toEqual(['one, edited', 'two', 'three', 'four', 'five']);
    expect(bodies((await list('sort=created_at&order=desc')).comments)).toEqual(['five', 'four', 'three', 'two', 'one, edited']);
    expect(bodies((await list('sort=updated_at')).comments)).toEqual(['two', 'three', 'four', 'five', 'one, edited']);
    expect(bodies((await list('per_page=2&page=2')).comments)).toEqual(['three', 'four']);
    expect((await list('per_page=2&page=4'))).toEqual({ comments: [], meta: { current_page: 4, per_page: 2, total_pages: 3, total_count: 5 } });
  });

  it.each([['sort=body', 'sort:not_in_list'], ['sort=created_at&order=x', 'order:not_in_list'], ['page=0', 'page:invalid'], ['cursor=1', 'cursor:unexpected']])('refuses %s', async (query, fault) => {
    expect(faults(await admin.client.get(`${path()}?${query}`))).toBe(`422 ${fault}`);
  });
});

describe('editing', () => {
  it('changes the body and the date, and nothing where nothing is sent', async () => {
    const comment = await say('Before', eva.client);
    world.clock.advance({ seconds: 5 });
    expect((await eva.client.patch(path(comment.id), { comment: {} })).body).toEqual(comment);
    const { status, body } = await eva.client.patch(path(comment.id), { comment: { body: 'After' } });
    expect([status, body]).toEqual([200, { ...comment, body: 'After', updated_at: expect.any(String) }]);
    expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(comment.updated_at) + 5000);
    expect((await admin.client.get(path(comment.id))).body).toEqual(body);
  });

  it('and deleting are the author’s and the admins’, and nobody else’s', async () => {
    const jan = await world.member(admin);
    const comment = await say('Mine', eva.client);
    expect(verdict(await jan.client.patch(path(comment.id), { comment: { body: 'Yours' } }))).toBe('403 forbidden');
    expect(verdict(await jan.client.patch(path(comment.id), {}))).toBe('403 forbidden');
    expect(verdict(await jan.client.delete(path(comment.id)))).toBe('403 forbidden');
    expect((await admin.client.get(path(comment.id))).body).toEqual(comment);
    expect((await admin.client.patch(path(comment.id), { comment: { body: 'Edited' } })).body).toMatchObject({ body: 'Edited', author: { id: eva.id } });
    expect(verdict(await admin.client.delete(path(comment.id)))).toBe('204');
    const other = await say('Mine too', eva.client);
    expect(verdict(await eva.client.delete(path(other.id)))).toBe('204');
    for (const { id } of [comment, other]) expect(verdict(await admin.client.get(path(id)))).toBe('404 not_found');
    expect(verdict(await eva.client.delete(path(other.id)))).toBe('404 not_found');
  });

  it('is an author’s no more when they only look', async () => {
    const jan = await world.member(admin);
    const { id } = await say('Mine', jan.client);
    await admin.client.patch(`/users/${jan.id}`, { user: { role: 'viewer' } });
    for (const answer of [await jan.client.post(path(), { body: 'x' }), await jan.client.patch(path(id), { body: 'x' }), await jan.client.delete(path(id))]) {
      expect(verdict(answer)).toBe('403 forbidden');
    }
    expect((await jan.client.get(path(id))).body.body).toBe('Mine');
  });

  it('by a token is its owner’s, and another’s only with administration', async () => {
    const theirs = await say('Eva’s', eva.client);
    const plain = (await world.token(admin, { scopes: ['comments'] })).client;
    const administering = (await world.token(admin, { scopes: ['comments', 'admin'] })).client;
    const own = created(await plain.post(path(), { comment: { body: 'By a token' } }));
    expect(own.author).toEqual({ id: admin.id, name: 'Avery', email: admin.email });
    expect((await plain.patch(path(own.id), { comment: { body: 'Edited' } })).status).toBe(200);
    expect(verdict(await plain.patch(path(theirs.id), { comment: { body: 'Edited' } }))).toBe('403 forbidden');
    expect(verdict(await plain.delete(path(theirs.id)))).toBe('403 forbidden');
    expect((await administering.patch(path(theirs.id), { comment: { body: 'Edited' } })).status).toBe(200);
    expect(verdict(await administering.delete(path(theirs.id)))).toBe('204');
  });

  it('twenty times at once ends with one of them, and deleting ten times at once deletes once', async () => {
    const { id } = await say('Before');
    const edited = await Promise.all(Array.from({ length: 20 }, async (_, index) => admin.client.patch(path(id), { comment: { body: `Edit ${index}` } })));
    expect(edited.map(({ status }) => status)).toEqual(edited.map(() => 200));
    expect((await admin.client.get(path(id))).body.body).toMatch(/^Edit \d+$/);
    const deleted = await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(path(id))));
    expect(deleted.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
  });
});

describe('a comment is not found', () => {
  it('under another issue, by whatever method', async () => {
    const other = await openIssue(admin.client, { id: issue.project_id });
    const comment = await say('Here');
    for (const elsewhere of [other.id, other.key, 4_000_000, 'NOSUCH-1']) {
      const there = `/issues/${elsewhere}/comments/${comment.id}`;
      expect([await admin.client.get(there), await admin.client.patch(there, { body: 'x' }), await admin.client.delete(there)].map(verdict)).toEqual(['404 not_found', '404 not_found', '404 not_found']);
    }
    expect((await admin.client.get(path(comment.id))).body).toEqual(comment);
  });

  it.each(['0', '-1', '1abc', '0x1', '9007199254740993', '__proto__', "1'--"])('by what is no id: %s', async (id) => {
    for (const answer of [await admin.client.get(`${path()}/${id}`), await admin.client.patch(`${path()}/${id}`, { body: 'x' }), await admin.client.delete(`${path()}/${id}`)]) {
      expect(verdict(answer)).toBe('404 not_found');
    }
  });

  it('under an issue that is deleted while it is written', async () => {
    const { id } = await openIssue(admin.client, { id: issue.project_id });
    const answer = await meanwhile(world, [['DELETE FROM issues WHERE id = $1', [id]]], async () => eva.client.post(`/issues/${id}/comments`, { body: 'x' }));
    expect(verdict(answer)).toBe('404 not_found');
  });
});

describe('which scope', () => {
  it('opens comments is their own, and no other', async () => {
    const { id } = await say('Here');
    const reader = (await world.token(admin, { scopes: ['comments:read'] })).client;
    const others = (await world.token(admin, { scopes: ['issues', 'projects', 'workflows', 'users', 'admin'] })).client;
    expect(verdict(await reader.get(path(id)))).toBe('200');
    for (const client of [reader, others]) {
      for (const answer of [await client.post(path(), { body: 'x' }), await client.patch(path(id), { body: 'x' }), await client.delete(path(id))]) {
        expect([verdict(answer), answer.body.required_scopes]).toEqual(['403 insufficient_scope', ['comments:write']]);
      }
    }
    expect((await others.get(path())).body.required_scopes).toEqual(['comments:read']);
  });

  it('the plan does not hold is no one’s', async () => {
    const founder = await world.register({ product: 'kanzlei' });
    expect(verdict(await founder.client.get('/issues/1/comments'))).toBe('404 not_found');
    expect(verdict(await founder.client.post('/issues/1/comments', { body: 'x' }))).toBe('403 feature_disabled');
    expect(verdict(await founder.client.delete('/issues/1/comments/1'))).toBe('403 feature_disabled');
  });
});

import { installed, project } from '../extensions/installation.js';
import { verdict } from '../members/invitations.js';
import { accessToken, application } from '../oauth/application.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  admin = await world.register();
});

/** Tells somebody so many things, one after the other; their ids. */
async function tell(count: number, to: Person = admin, fields: object = {}): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    const answer = await admin.client.post('/notifications', { notification: { user_ids: [to.id], type: 'news', title: `news ${ids.length + 1}`, message: 'It is news.', ...fields } });
    if (answer.status !== 201) throw new Error(`tell: ${answer.status} ${JSON.stringify(answer.body)}`);
    ids.push(answer.body.notifications[0].id);
  }
  return ids;
}

const titles = async (client: Client, query = '') => ((await client.get(`/notifications${query}`)).body.data as { title: string }[]).map(({ title }) => title);
const unread = async (client: Client) => (await client.get('/notifications/unread_count')).body;
const read = async (client: Client, id: unknown) => client.post(`/notifications/${String(id)}/read`);

/** What the rows say, and what is counted, of one member. */
async function standing({ id, organizationId }: Person): Promise<{ counted: number; unread: number; offsets: number[]; last: number }> {
  const [row] = await world.database.sql<{ counted: number; unread: string; offsets: string[]; last: string }>(
    `SELECT i.unread_count AS counted, i.last_offset AS last, count(*) FILTER (WHERE n.read_at IS NULL) AS unread, array_agg(n.stream_offset ORDER BY n.id) AS offsets
     FROM memberships m JOIN inboxes i ON i.membership_id = m.id JOIN notifications n ON n.membership_id = m.id
     WHERE m.user_id = $1 AND m.organization_id = $2 GROUP BY i.membership_id`,
    [id, organizationId],
  );
  return { counted: Number(row?.counted), unread: Number(row?.unread), offsets: (row?.offsets ?? []).map(Number), last: Number(row?.last) };
}

const fromOne = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('an inbox', () => {
  it('is empty at first', async () => {
    expect((await admin.client.get('/notifications')).body).toEqual({ data: [], meta: { current_page: 1, per_page: 25, total_pages: 0, total_count: 0 } });
    expect(await unread(admin.client)).toEqual({ unread_count: 0 });
    expect((await admin.client.post('/notifications/read_all')).body).toEqual({ unread_count: 0 });
  });

  it('holds what one was told, newest first', async () => {
    const [first, second] = await tell(2, admin, { url: '/exports/12' });
    const { status, body } = await admin.client.get('/notifications');
    expect([status, body.data.map(({ id }: { id: number }) => id)]).toEqual([200, [second, first]]);
    expect(body.data[1]).toEqual({
      id: first, type: 'news', title: 'news 1', message: 'It is news.', url: '/exports/12', read_at: null, created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(Math.abs(Date.parse(body.data[1].created_at) - Date.now())).toBeLessThan(60_000);
  });

  it('shows the unread alone, or all', async () => {
    const ids = await tell(3);
    await read(admin.client, ids[1]);
    expect(await titles(admin.client, '?unread=true')).toEqual(['news 3', 'news 1']);
    for (const query of ['', '?unread=false']) expect(await titles(admin.client, query)).toEqual(['news 3', 'news 2', 'news 1']);
    expect((await admin.client.get('/notifications?unread=true')).body.meta.total_count).toBe(2);
  });

  it('has pages', async () => {
    await tell(5);
    const page = async (query: string) => admin.client.get(`/notifications?${query}`);
    expect((await page('per_page=2&page=2')).body).toMatchObject({ data: [{ title: 'news 3' }, { title: 'news 2' }], meta: { current_page: 2, per_page: 2, total_pages: 3, total_count: 5 } });
    expect((await page('per_page=2&page=4')).body).toEqual({ data: [], meta: { current_page: 4, per_page: 2, total_pages: 3, total_count: 5 } });
    expect((await page('per_page=1000')).body.meta.per_page).toBe(100);
    expect((await page('unread=true&per_page=2&page=3')).body.data).toMatchObject([{ title: 'news 1' }]);
  });

  it.each([['unread=yes', 'unread:not_in_list'], ['unread=', 'unread:not_in_list'], ['page=0', 'page:invalid'], ['page=x', 'page:invalid'], ['sort=title', 'sort:not_in_list']])('refuses %s', async (query, fault) => {
    expect(faults(await admin.client.get(`/notifications?${query}`))).toBe(`422 ${fault}`);
  });

  it('is one’s own in each organization', async () => {
    const beta = await world.register({ email: admin.email, organization: 'Beta' });
    const [id] = await tell(1);
    expect(beta.id).toBe(admin.id);
    expect([await titles(beta.client), await unread(beta.client)]).toEqual([[], { unread_count: 0 }]);
    expect(verdict(await read(beta.client, id))).toBe('404 not_found');
    expect(await unread(admin.client)).toEqual({ unread_count: 1 });
  });
});

describe('reading', () => {
  it('one marks it and no other, and says so', async () => {
    const [first, second] = await tell(2);
    const { status, body } = await read(admin.client, first);
    expect([status, body]).toEqual([200, { id: first, type: 'news', title: 'news 1', message: 'It is news.', url: null, read_at: expect.stringMatching(/Z$/), created_at: expect.any(String) }]);
    expect(await unread(admin.client)).toEqual({ unread_count: 1 });
    const { data } = (await admin.client.get('/notifications')).body;
    expect(data).toEqual([expect.objectContaining({ id: second, read_at: null }), body]);
  });

  it('twice changes nothing', async () => {
    const [id] = await tell(2);
    const first = await read(admin.client, id);
    world.clock.advance({ minutes: 1 });
    const again = await read(admin.client, id);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await unread(admin.client)).toEqual({ unread_count: 1 });
  });

  it('all leaves none, at the first time as at the second', async () => {
    const [id] = await tell(3);
    const before = await read(admin.client, id);
    world.clock.advance({ minutes: 1 });
    for (const attempt of [1, 2]) {
      const { status, body } = await admin.client.post('/notifications/read_all');
      expect([attempt, status, body]).toEqual([attempt, 200, { unread_count: 0 }]);
    }
    expect(await titles(admin.client, '?unread=true')).toEqual([]);
    // What was read before keeps its time.
    expect((await read(admin.client, id)).body.read_at).toBe(before.body.read_at);
  });

  it('another’s finds nothing and changes nothing', async () => {
    const eva = await world.member(admin);
    const stranger = await world.register();
    const [id] = await tell(1, eva);
    for (const { client } of [admin, stranger]) expect(verdict(await read(client, id))).toBe('404 not_found');
    await admin.client.post('/notifications/read_all');
    expect([await titles(eva.client, '?unread=true'), await unread(eva.client)]).toEqual([['news 1'], { unread_count: 1 }]);
  });

  it.each(['0', '-1', '1abc', '0x1', '9007199254740993', '18446744073709551616', '__proto__', "1'--", '4000000'])('what is no id of one’s own finds nothing: %s', async (id) => {
    expect(verdict(await read(admin.client, id))).toBe('404 not_found');
  });

  it('goes by other methods nowhere', async () => {
    const [id] = await tell(1);
    for (const answer of [await admin.client.get(`/notifications/${id}/read`), await admin.client.get('/notifications/read_all'), await admin.client.delete('/notifications/unread_count')]) {
      expect(verdict(answer)).toBe('405 method_not_allowed');
    }
    expect(await unread(admin.client)).toEqual({ unread_count: 1 });
  });
});

describe('whose it is', () => {
  it('is a viewer’s as much as an admin’s', async () => {
    const viewer = await world.member(admin, 'viewer');
    const [id] = await tell(2, viewer);
    expect(await titles(viewer.client)).toEqual(['news 2', 'news 1']);
    expect((await read(viewer.client, id)).status).toBe(200);
    expect((await viewer.client.post('/notifications/read_all')).body).toEqual({ unread_count: 0 });
  });

  it('is a person’s whatever the plan says, while the subscription is active', async () => {
    const founder = await world.register({ product: 'kanzlei' });
    expect(verdict(await founder.client.get('/notifications'))).toBe('200');
    expect(verdict(await founder.client.post('/notifications/read_all'))).toBe('200');
    await world.database.sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, [founder.organizationId]);
    expect(verdict(await founder.client.get('/notifications'))).toBe('403 subscription_inactive');
  });

  const paths = [
    ['GET', '/notifications', 'notifications:read'],
    ['GET', '/notifications/unread_count', 'notifications:read'],
    ['POST', '/notifications/1/read', 'notifications:write'],
    ['POST', '/notifications/read_all', 'notifications:write'],
    ['GET', '/notification_preferences', 'notifications:read'],
    ['PUT', '/notification_preferences', 'notifications:write'],
  ] as const;

  it('is opened to a token of its owner’s by the scope, and to no other', async () => {
    const eva = await world.member(admin);
    const [id] = await tell(1);
    await tell(2, eva);
    const reader = (await world.token(admin, { scopes: ['notifications:read'] })).client;
    const writer = (await world.token(admin, { scopes: ['notifications:write'] })).client;
    const others = (await world.token(admin, { scopes: ['issues', 'projects', 'comments', 'workflows', 'users', 'admin'] })).client;
    expect([await titles(reader), await unread(reader)]).toEqual([['news 1'], { unread_count: 1 }]);
    expect(verdict(await read(writer, id))).toBe('200');
    for (const [method, path, scope] of paths) {
      for (const [client, may] of [[reader, scope === 'notifications:read'], [writer, scope === 'notifications:write'], [others, false]] as const) {
        const answer = await client.send(method, path, method === 'PUT' ? { preferences: [] } : undefined);
        if (!may) expect([path, verdict(answer), answer.body.required_scopes]).toEqual([path, '403 insufficient_scope', [scope]]);
        else expect([path, verdict(answer)]).not.toEqual([path, '403 insufficient_scope']);
      }
    }
  });

  it('is no application’s and no extension’s, whatever they may', async () => {
    const scopes = ['notifications'];
    const machine = (await accessToken(world, await application(admin, { scopes }))).client;
    const extension = (await installed(world, admin, (await project(admin)).id, { permissions: ['notifications:write', 'issues'] })).client;
    for (const client of [machine, extension]) {
      for (const [method, path] of paths) {
        expect([path, verdict(await client.send(method, path, method === 'PUT' ? { preferences: [] } : undefined))]).toEqual([path, '403 forbidden']);
      }
    }
  });

  it('is nobody’s without a credential', async () => {
    for (const [method, path] of paths) expect([path, verdict(await world.visitor.send(method, path))]).toEqual([path, '401 authorization_required']);
  });
});

describe('counts', () => {
  it('never drift while two hundred deliveries and readings come at once, and offsets have no gaps', async () => {
    const eva = await world.member(admin);
    const ids = await tell(30);
    const notification = { user_ids: [admin.id, eva.id], type: 'news', title: 'more', message: 'More.' };
    const acts = Array.from({ length: 200 }, (_, turn) => async () => {
      if (turn % 4 === 0) return read(admin.client, ids[(turn / 4) % ids.length]);
      if (turn % 20 === 1) return admin.client.post('/notifications/read_all');
      if (turn % 20 === 2) return eva.client.post('/notifications/read_all');
      return turn % 4 === 3 ? admin.client.get('/notifications/unread_count') : admin.client.post('/notifications', { notification });
    });
    const answers = await Promise.all(acts.map(async (act) => act()));
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    const sent = answers.filter(({ status }) => status === 201).length;
    expect(sent).toBeGreaterThan(70);
    for (const [person, before] of [[admin, 30], [eva, 0]] as const) {
      const { counted, unread: rows, offsets, last } = await standing(person);
      expect(counted).toBe(rows);
      expect(offsets).toEqual(fromOne(before + sent));
      expect(last).toBe(before + sent);
      expect(await unread(person.client)).toEqual({ unread_count: rows });
      expect((await person.client.get('/notifications?unread=true')).body.meta.total_count).toBe(rows);
    }
  });

  it('go down once for one, read twenty times at once', async () => {
    const [id] = await tell(3);
    const answers = await Promise.all(fromOne(20).map(async () => read(admin.client, id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.read_at)).size).toBe(1);
    expect(await unread(admin.client)).toEqual({ unread_count: 2 });
  });
});

import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { faults } from './faults.js';
import { storeIssue } from './rows.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let world: World;
let admin: Person;
let project: { id: number };
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
});
beforeEach(async () => {
  project = (await admin.client.post('/projects', { project: { name: 'Core' } })).body;
});
afterAll(async () => {
  await world.stop();
});

const path = (id?: number) => `/projects/${project.id}/milestones${id === undefined ? '' : `/${id}`}`;
const inDays = (days: number) => new Date(world.clock.now().getTime() + days * DAY_MS).toISOString().slice(0, 10);
const stored = async () => world.database.sql('SELECT * FROM milestones ORDER BY id');

async function create(fields: object = {}) {
  const answer = await admin.client.post(path(), { milestone: { name: 'Beta', ...fields } });
  if (answer.status !== 201) throw new Error(`create: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

describe('a new milestone', () => {
  it('is being planned by its creator, where only its name is said', async () => {
    const { status, body } = await admin.client.post(path(), { milestone: { name: ' Beta ' } });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number), name: 'Beta', description: null, target_date: null, status: 'planning', progress: 0, version: null,
      project_id: project.id, created_by_id: admin.id, issue_count: 0, completed_issue_count: 0, overdue: false, days_remaining: null,
      created_at: expect.stringMatching(/Z$/), updated_at: body.created_at,
    }]);
    expect((await admin.client.get(path(body.id))).body).toEqual(body);
  });

  it('keeps all that is said of it, wrapped or bare, and ignores what is unknown', async () => {
    const said = { name: 'v2', description: 'Notes\nof two lines', target_date: '2127-01-31', status: 'active', version: '2.0.0-rc.1' };
    const unknown = { id: 1, project_id: 1, created_by_id: 1, progress: 100, issue_count: 9, overdue: true };
    for (const body of [{ milestone: { ...unknown, ...said } }, { ...unknown, ...said }]) {
      expect((await admin.client.post(path(), body)).body).toMatchObject({ ...said, project_id: project.id, created_by_id: admin.id, progress: 0, issue_count: 0 });
    }
  });

  it('is the same at either address, and under the project’s key', async () => {
    await admin.client.patch(`/projects/${project.id}`, { project_key: `KEY${project.id}` });
    const { id } = await create();
    for (const under of [`/ext/projects/${project.id}`, `/projects/KEY${project.id}`, `/ext/projects/KEY${project.id}`]) {
      expect((await admin.client.get(`${under}/milestones/${id}`)).body.id).toBe(id);
      expect((await admin.client.get(`${under}/milestones`)).body.meta.total_count).toBe(1);
      expect((await admin.client.patch(`${under}/milestones/${id}`, { milestone: { name: 'Gamma' } })).status).toBe(200);
      expect((await admin.client.post(`${under}/milestones`, { milestone: { name: 'Delta' } })).status).toBe(201);
      const second = (await admin.client.get(`${under}/milestones`)).body.milestones[1].id;
      expect((await admin.client.delete(`${under}/milestones/${second}`)).status).toBe(204);
    }
  });
});

/** A field, what is no value of it, and why. */
const FAULTS: readonly [string, unknown, string][] = [
  ['name', null, 'blank'],
  ['name', '  ', 'blank'],
  ['name', 'x'.repeat(201), 'too_long'],
  ['name', 'a\tb', 'invalid'],
  ['name', 1, 'not_a_string'],
  ['description', 'x'.repeat(10_001), 'too_long'],
  ['description', ['x'], 'not_a_string'],
  ['target_date', '2026-02-30', 'invalid'],
  ['target_date', 'tomorrow', 'invalid'],
  ['target_date', '2127-01-31T00:00:00Z', 'invalid'],
  ['target_date', 1, 'not_a_string'],
  ['status', 'done', 'not_in_list'],
  ['status', 'canceled', 'not_in_list'],
  ['status', null, 'blank'],
  ['status', {}, 'not_in_list'],
  ['version', 'x'.repeat(51), 'too_long'],
  ['version', '', 'blank'],
  ['version', 2, 'not_a_string'],
];

describe('is refused by its name, at creation and at a change, and nothing is written:', () => {
  it.each(FAULTS)('%s as %j, which is %s', async (field, value, code) => {
    const { id } = await create();
    const before = await stored();
    expect(faults(await admin.client.post(path(), { milestone: { name: 'X', [field]: value } }))).toBe(`422 ${field}:${code}`);
    expect(faults(await admin.client.patch(path(id), { milestone: { [field]: value } }))).toBe(`422 ${field}:${code}`);
    expect(await stored()).toEqual(before);
  });

  it('a milestone without a name, or one that is none at all', async () => {
    for (const body of [{}, { milestone: {} }]) expect(faults(await admin.client.post(path(), body))).toBe('422 name:blank');
    for (const body of [{ milestone: null }, { milestone: [] }, { milestone: 'Beta' }]) expect(faults(await admin.client.post(path(), body))).toBe('422 milestone:invalid');
  });
});

describe('a change', () => {
  it('touches what is sent and nothing else; null clears what may be null', async () => {
    const milestone = await create({ description: 'x', target_date: '2099-01-01', version: '1' });
    world.clock.advance({ seconds: 5 });
    const { status, body } = await admin.client.patch(path(milestone.id), { milestone: { status: 'active', name: 'Gamma' } });
    expect([status, body]).toEqual([200, { ...milestone, status: 'active', name: 'Gamma', updated_at: expect.any(String) }]);
    expect(body.updated_at > milestone.updated_at).toBe(true);
    const cleared = { description: null, target_date: null, version: null };
    expect((await admin.client.patch(path(milestone.id), cleared)).body).toEqual({ ...body, ...cleared, days_remaining: null, updated_at: expect.any(String) });
  });

  it('loses none of those that come at once', async () => {
    const { id } = await create();
    const changes = [{ name: 'Gamma' }, { description: 'x' }, { target_date: '2099-01-01' }, { status: 'active' }, { version: '1' }];
    const answers = await Promise.all([...changes, ...changes].map(async (change) => admin.client.patch(path(id), { milestone: change })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await admin.client.get(path(id))).body).toMatchObject(Object.assign({}, ...changes));
  });
});

describe('its standing', () => {
  const counted = ({ issue_count, completed_issue_count, progress }: Record<string, number>) => [issue_count, completed_issue_count, progress];

  it('counts its own issues: done ones as completed, cancelled ones not at all', async () => {
    const [first, second, empty] = [await create(), await create(), await create()];
    const issues = [['done', first.id], ['backlog', first.id], ['in_review', first.id], ['cancelled', first.id], ['done', second.id], ['cancelled', second.id], ['done', null]] as const;
    for (const [index, [status, milestoneId]] of issues.entries()) await storeIssue(world, { projectId: project.id, number: index + 1, status, milestoneId });
    const shown = await Promise.all([first, second, empty].map(async ({ id }) => (await admin.client.get(path(id))).body));
    expect(shown.map(counted)).toEqual([[3, 1, 33], [1, 1, 100], [0, 0, 0]]);
    expect((await admin.client.get(path())).body.milestones).toEqual(shown);
    expect(counted((await admin.client.patch(path(first.id), { milestone: { name: 'Gamma' } })).body)).toEqual([3, 1, 33]);
  });

  it('without issues is complete when the milestone is', async () => {
    const milestone = await create({ status: 'completed' });
    expect(counted(milestone)).toEqual([0, 0, 100]);
    expect(counted((await admin.client.patch(path(milestone.id), { status: 'active' })).body)).toEqual([0, 0, 0]);
  });

  it.each([
    [-1, 'planning', true],
    [-1, 'active', true],
    [-1, 'completed', false],
    [-1, 'cancelled', false],
    [0, 'active', false],
    [7, 'active', false],
  ])('%d days from today, while %s, is overdue: %s', async (days, status, overdue) => {
    expect(await world.clock.standing(async () => create({ target_date: inDays(days), status }))).toMatchObject({ days_remaining: days, overdue });
  });

  it('is that of the day on which it is asked for', async () => {
    // No midnight comes in between.
    await world.clock.standing(async () => {
      const { id } = await create({ target_date: inDays(1) });
      const outlook = async () => {
        const { days_remaining, overdue } = (await admin.client.get(path(id))).body;
        return [days_remaining, overdue];
      };
      expect(await outlook()).toEqual([1, false]);
      await world.database.sql(`UPDATE milestones SET target_date = target_date - 2 WHERE id = $1`, [id]);
      expect(await outlook()).toEqual([-1, true]);
    });
  });
});

describe('a deleted milestone', () => {
  it('is gone, and its issues stay without one', async () => {
    const { id } = await create();
    const issueId = await storeIssue(world, { projectId: project.id, number: 1, milestoneId: id });
    expect(verdict(await admin.client.delete(path(id)))).toBe('204');
    expect(verdict(await admin.client.get(path(id)))).toBe('404 not_found');
    expect(verdict(await admin.client.delete(path(id)))).toBe('404 not_found');
    expect(verdict(await admin.client.patch(path(id), { milestone: { name: 'X' } }))).toBe('404 not_found');
    expect(await world.database.sql('SELECT milestone_id, project_id::int FROM issues WHERE id = $1', [issueId])).toEqual([{ milestone_id: null, project_id: project.id }]);
  });

  it('is deleted once, however many delete it', async () => {
    const { id } = await create();
    const answers = await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(path(id))));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
  });
});

describe('a milestone', () => {
  it('is not found under another project', async () => {
    const { id } = await create();
    const other = (await admin.client.post('/projects', { project: { name: 'Other' } })).body;
    const before = await stored();
    for (const under of [`/projects/${other.id}`, '/projects/999999', '/projects/NOSUCHKEY', '/projects/core']) {
      expect(verdict(await admin.client.get(`${under}/milestones/${id}`))).toBe('404 not_found');
      expect(verdict(await admin.client.patch(`${under}/milestones/${id}`, { milestone: { name: 'X' } }))).toBe('404 not_found');
      expect(verdict(await admin.client.delete(`${under}/milestones/${id}`))).toBe('404 not_found');
    }
    expect((await admin.client.get(`/projects/${other.id}/milestones`)).body).toMatchObject({ milestones: [], meta: { total_count: 0 } });
    for (const under of ['/projects/999999', '/projects/NOSUCHKEY']) {
      expect(verdict(await admin.client.get(`${under}/milestones`))).toBe('404 not_found');
      expect(verdict(await admin.client.post(`${under}/milestones`, { milestone: { name: 'X' } }))).toBe('404 not_found');
    }
    expect(await stored()).toEqual(before);
  });

  it.each(['0', '-1', '1.0', '42abc', '0x2a', '18446744073709551616', '%00', 'BETA', '__proto__'])('has no id like %s', async (id) => {
    const answers = [
      await admin.client.get(`${path()}/${id}`),
      await admin.client.patch(`${path()}/${id}`, { milestone: { name: 'X' } }),
      await admin.client.delete(`${path()}/${id}`),
    ];
    expect(answers.map(verdict)).toEqual(['404 not_found', '404 not_found', '404 not_found']);
  });

  it('that is created while its project is deleted is created or not found, never an error', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = (await admin.client.post('/projects', { project: { name: 'Short' } })).body;
      const [gone, ...made] = await Promise.all([
        admin.client.delete(`/projects/${id}`),
        ...Array.from({ length: 5 }, async () => admin.client.post(`/projects/${id}/milestones`, { milestone: { name: 'X' } })),
      ]);
      expect(gone.status).toBe(204);
      for (const answer of made) expect(['201', '404 not_found']).toContain(verdict(answer));
    }
  });
});

describe('the list', () => {
  const names = async (query: string) => {
    const { status, body } = await admin.client.get(`${path()}?${query}`);
    expect([status, body.meta?.total_count]).toEqual([200, body.milestones.length]);
    return body.milestones.map(({ name }: { name: string }) => name);
  };
  beforeEach(async () => {
    await create({ name: 'C', status: 'active' });
    world.clock.advance({ seconds: 1 });
    await create({ name: 'A' });
    world.clock.advance({ seconds: 1 });
    await create({ name: 'B', status: 'active' });
  });

  it('holds the milestones of the project under their own name, oldest first', async () => {
    const { body } = await admin.client.get(path());
    expect(body).toEqual({ milestones: expect.any(Array), meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 3 } });
    expect(await names('')).toEqual(['C', 'A', 'B']);
  });

  it.each([
    ['status=active', ['C', 'B']],
    ['status=planning', ['A']],
    ['status=completed', []],
    ['sort=name', ['A', 'B', 'C']],
    ['sort=name&order=desc&status=active', ['C', 'B']],
    ['sort=created_at&order=desc', ['B', 'A', 'C']],
    ['sort=updated_at', ['A', 'B', 'C']],
  ])('is what %s says', async (query, expected) => {
    const first = (await admin.client.get(path())).body.milestones[0];
    world.clock.advance({ seconds: 1 });
    await admin.client.patch(path(first.id), {});
    expect(await names(query)).toEqual(expected);
  });

  it('comes in pages', async () => {
    const { body } = await admin.client.get(`${path()}?per_page=2&page=2`);
    expect([body.milestones.map(({ name }: { name: string }) => name), body.meta]).toEqual([['B'], { current_page: 2, per_page: 2, total_pages: 2, total_count: 3 }]);
  });

  it.each([
    ['status=done', 'status:not_in_list'],
    ['status=', 'status:not_in_list'],
    ['sort=target_date', 'sort:not_in_list'],
    ['order=up', 'order:not_in_list'],
    ['page=-1', 'page:invalid'],
  ])('refuses %s', async (query, fault) => {
    expect(faults(await admin.client.get(`${path()}?${query}`))).toBe(`422 ${fault}`);
  });
});

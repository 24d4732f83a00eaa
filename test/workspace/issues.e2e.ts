import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { created, freshKey, openIssue, startProject } from './desk.js';
import { faults } from './faults.js';

let world: World;
let admin: Person;
// A project, as the API answers.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
let project: any;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ name: 'Avery' });
  project = await startProject(admin.client, { project_key: 'CORE' });
});
afterAll(async () => {
  await world.stop();
});

const stored = async () => world.database.sql('SELECT * FROM issues ORDER BY id');
const milestone = async () => created(await admin.client.post(`/projects/${project.id}/milestones`, { milestone: { name: 'Version 2' } }));

describe('a new issue', () => {
  it('waits in the backlog, assigned to nobody, where only its title is said', async () => {
    const { status, body } = await admin.client.post('/issues', { issue: { project_id: project.id, title: '  Access request ' } });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number), key: expect.stringMatching(/^CORE-[1-9]\d*$/), title: 'Access request', description: null, status: 'backlog', workflow_state: 'backlog',
      assignee: null, priority: null, labels: [], issue_type: null, parent_id: null, parent_key: null, milestone_id: null,
      project_id: project.id, project_key: 'CORE', due_date: null, due_at: null, custom_fields: {},
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), updated_at: body.created_at,
    }]);
  });

  it('keeps all that is said of it, and is found by its id and by its key', async () => {
    const parent = await openIssue(admin.client, project);
    const { id: milestoneId } = await milestone();
    const said = {
      title: 'Žluťoučký kůň', description: 'Line one\nline two', status: 'in_review', priority: 'critical', labels: ['gdpr', 'urgent'], issue_type: 'UserStory',
      parent_id: parent.id, milestone_id: milestoneId, due_at: '2127-01-31T23:30:00.000Z', custom_fields: { severity: 'minor', 'klíč': [1, null, { a: true }] },
    };
    const { status, body } = await admin.client.post('/issues', { issue: { ...said, project_id: project.id, assignee_id: admin.id } });
    expect([status, body]).toEqual([201, expect.objectContaining({
      ...said, workflow_state: 'in_review', parent_key: parent.key, due_date: '2127-01-31', assignee: { id: admin.id, name: 'Avery', email: admin.email },
    })]);
    expect((await admin.client.get(`/issues/${body.id}`)).body).toEqual(body);
    expect((await admin.client.get(`/issues/${body.key}`)).body).toEqual(body);
    const { data } = (await admin.client.get('/issues')).body;
    expect(data.find(({ id }: { id: number }) => id === body.id)).toEqual(body);
  });

  it.each([
    ['an id', () => ({ issue: { project_id: project.id } })],
    ['an id in digits', () => ({ issue: { project_id: String(project.id) } })],
    ['a key in place of the id', () => ({ issue: { project_id: 'CORE' } })],
    ['a key', () => ({ issue: { project_key: 'CORE' } })],
    ['a key and no id', () => ({ issue: { project_key: 'CORE', project_id: null } })],
    ['an id and no key', () => ({ issue: { project_id: project.id, project_key: null } })],
    ['an id beside the wrapper', () => ({ issue: {}, project_id: project.id })],
    ['an id in digits beside the wrapper', () => ({ issue: {}, project_id: String(project.id) })],
    ['a key beside the wrapper', () => ({ issue: {}, project_key: 'CORE' })],
    ['an id in a bare body', () => ({ project_id: project.id })],
    ['a key in a bare body', () => ({ project_key: 'CORE' })],
    ['one inside, whatever stands beside the wrapper', () => ({ issue: { project_id: project.id }, project_id: 4_000_000 })],
  ])('takes its project as %s', async (_, body: () => Record<string, unknown>) => {
    const sent = body();
    const titled = 'issue' in sent ? { ...sent, issue: { ...(sent['issue'] as object), title: 'X' } } : { ...sent, title: 'X' };
    const { status, body: answer } = await admin.client.post('/issues', titled);
    expect([status, answer.project_id]).toEqual([201, project.id]);
  });

  it.each([
    ['no project', {}, '422 project_id:blank'],
    ['neither id nor key', { project_id: null, project_key: null }, '422 project_id:blank'],
    ['an empty key', { project_key: '' }, '422 project_key:blank'],
    ['no id', { project_id: -1 }, '422 project_id:invalid'],
    ['no key', { project_key: 'co re' }, '422 project_key:invalid'],
    ['an object', { project_id: { $ne: 0 } }, '422 project_id:invalid'],
    ['an unknown id', { project_id: 4_000_000 }, '404'],
    ['an unknown id in digits', { project_id: '4000000' }, '404'],
    ['the greatest id', { project_id: Number.MAX_SAFE_INTEGER }, '404'],
    ['an unknown key', { project_key: 'NOSUCH' }, '404'],
    ['an unknown key as its id', { project_id: 'NOSUCH' }, '404'],
  ])('with %s is refused', async (_, where, expected) => {
    const before = await stored();
    expect(faults(await admin.client.post('/issues', { issue: { ...where, title: 'X' } }))).toBe(expected);
    expect(await stored()).toEqual(before);
  });

  it('without a project and a title names both, be the body empty or wrapped', async () => {
    for (const body of [{}, { issue: {} }]) expect((await admin.client.post('/issues', body)).body.details.map(({ field }: { field: string }) => field).sort()).toEqual(['project_id', 'title']);
    for (const body of [{ issue: null }, { issue: 'X' }, { issue: [] }]) expect(faults(await admin.client.post('/issues', body))).toBe('422 issue:invalid');
  });

  it('ignores what it does not know, ids and dates of its own among it', async () => {
    const smuggled = { id: 1, number: 99, organization_id: 1, created_by_id: 1, author: 'x', created_at: '2020-01-01T00:00:00Z', workflow_state: 'done', key: 'CORE-1', color: 'red' };
    const body = await openIssue(admin.client, project, smuggled);
    expect(body).toMatchObject({ status: 'backlog', workflow_state: 'backlog' });
    expect(Object.keys(body)).not.toContain('color');
    expect(Date.parse(body.created_at)).toBeGreaterThan(Date.parse('2026-01-01'));
    const [row] = await world.database.sql<{ created_by_id: number; organization_id: number }>('SELECT created_by_id, organization_id FROM issues WHERE id = $1', [body.id]);
    expect(row).toEqual({ created_by_id: admin.id, organization_id: admin.organizationId });
  });

  it.each(['backlog', 'in_progress', 'in_review', 'done', 'cancelled'])('may begin as %s', async (status) => {
    expect(await openIssue(admin.client, project, { status })).toMatchObject({ status, workflow_state: status });
  });

  it('takes what clients of many years send: aliases, ids in digits, a type in any case', async () => {
    const parent = await openIssue(admin.client, project);
    const { id } = await milestone();
    const sent = { assigned_to: String(admin.id), due_date: '2026-01-15', issue_type: 'userstory', parent_id: String(parent.id), milestone_id: String(id) };
    expect(await openIssue(admin.client, project, sent)).toMatchObject({
      assignee: { id: admin.id }, due_date: '2026-01-15', due_at: '2026-01-15T00:00:00.000Z', issue_type: 'UserStory', parent_key: parent.key, milestone_id: id,
    });
    for (const [written, type] of [['task', 'Task'], ['BUG', 'Bug'], ['ePIC', 'Epic'], ['UserStory', 'UserStory']]) {
      expect((await openIssue(admin.client, project, { issue_type: written })).issue_type).toBe(type);
    }
  });

  it('takes null for nothing, and then the alias', async () => {
    const nothing = { description: null, priority: null, labels: null, issue_type: null, parent_id: null, parent_key: null, milestone_id: null, assignee_id: null, due_at: null };
    expect(await openIssue(admin.client, project, nothing)).toMatchObject({ description: null, priority: null, labels: [], issue_type: null, parent_id: null, milestone_id: null, assignee: null, due_at: null });
    const aliases = { assignee_id: null, assigned_to: admin.id, due_at: null, due_date: '2026-01-15' };
    expect(await openIssue(admin.client, project, aliases)).toMatchObject({ assignee: { id: admin.id }, due_date: '2026-01-15' });
  });
});

const TOO_LONG = 'x'.repeat(50_001);

/** A field, what is no value of it, and why. */
const FAULTS: readonly [string, unknown, string][] = [
  ['title', null, 'blank'],
  ['title', '', 'blank'],
  ['title', '   ', 'blank'],
  ['title', 'x'.repeat(256), 'too_long'],
  ['title', 'two\nlines', 'invalid'],
  ['title', 42, 'not_a_string'],
  ['title', { $ne: '' }, 'not_a_string'],
  ['description', TOO_LONG, 'too_long'],
  ['description', ' \n ', 'blank'],
  ['description', 7, 'not_a_string'],
  ['status', 'open', 'not_in_list'],
  ['status', 'Backlog', 'not_in_list'],
  ['status', '', 'not_in_list'],
  ['status', null, 'blank'],
  ['status', ['backlog'], 'not_in_list'],
  ['status', 'toString', 'not_in_list'],
  ['priority', 'urgent', 'not_in_list'],
  ['priority', 'High', 'not_in_list'],
  ['priority', '', 'not_in_list'],
  ['priority', 1, 'not_in_list'],
  ['labels', 'gdpr', 'not_a_list'],
  ['labels', { 0: 'gdpr' }, 'not_a_list'],
  ['labels', [''], 'blank'],
  ['labels', ['gdpr', '  '], 'blank'],
  ['labels', ['x'.repeat(51)], 'too_long'],
  ['labels', [7], 'not_a_string'],
  ['labels', [null], 'not_a_string'],
  ['labels', [['gdpr']], 'not_a_string'],
  ['labels', ['two\nlines'], 'invalid'],
  ['labels', Array.from({ length: 51 }, (_, index) => `label ${index}`), 'too_many'],
  ['issue_type', 'story', 'not_in_list'],
  ['issue_type', '', 'not_in_list'],
  ['issue_type', 3, 'not_in_list'],
  ['parent_id', 'CORE', 'not_a_number'],
  ['parent_id', 0, 'not_a_number'],
  ['parent_id', 1.5, 'not_a_number'],
  ['parent_id', Number.MAX_SAFE_INTEGER, 'invalid'],
  ['milestone_id', 'v2', 'not_a_number'],
  ['milestone_id', '18446744073709551616', 'not_a_number'],
  ['milestone_id', Number.MAX_SAFE_INTEGER, 'invalid'],
  ['assignee_id', 'me', 'not_a_number'],
  ['assignee_id', [1], 'not_a_number'],
  ['assignee_id', Number.MAX_SAFE_INTEGER, 'invalid'],
  ['assigned_to', 'avery@acme.cz', 'not_a_number'],
  ['due_at', 'tomorrow', 'invalid'],
  ['due_at', '2026-02-30T00:00:00Z', 'invalid'],
  ['due_at', '2026-02-01T12:00:00', 'invalid'],
  ['due_at', 1_800_000_000, 'not_a_string'],
  ['due_date', '2026-02-30', 'invalid'],
  ['due_date', '30.2.2026', 'invalid'],
  ['due_date', '9999-12-31T23:59:59-01:00', 'invalid'],
  ['due_date', {}, 'not_a_string'],
  ['custom_fields', null, 'blank'],
  ['custom_fields', 'x', 'invalid'],
  ['custom_fields', 7, 'invalid'],
  ['custom_fields', [], 'invalid'],
  ['custom_fields', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`field ${index}`, index])), 'too_many'],
];

/** As a title: long values are cut. */
const shown = ([field, value]: (typeof FAULTS)[number]) => `${field} as ${JSON.stringify(value).slice(0, 40)}`;

describe('is refused by its name, at creation and at a change, and nothing is written:', () => {
  it.each(FAULTS.map((fault) => [shown(fault), ...fault] as const))('%s', async (_, field, value, code) => {
    const issue = await openIssue(admin.client, project);
    const before = await stored();
    const name = field === 'assigned_to' && code === 'invalid' ? 'assignee_id' : field;
    expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', [field]: value } }))).toBe(`422 ${name}:${code}`);
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { [field]: value } }))).toBe(`422 ${name}:${code}`);
    expect(await stored()).toEqual(before);
  });

  it('every faulty field at once', async () => {
    const body = { title: '', status: 'lost', priority: 'x', labels: 7, issue_type: 'x', parent_id: 'x', parent_key: 'x', milestone_id: 'x', assignee_id: 'x', due_at: 'x', custom_fields: 7 };
    const names = [...Object.keys(body)].sort();
    const { status, body: answer } = await admin.client.post('/issues', { issue: { project_id: project.id, ...body } });
    expect([status, Object.keys(answer.errors).sort()]).toEqual([422, names]);
  });

  it('every link that leads nowhere at once', async () => {
    const issue = await openIssue(admin.client, project);
    const nowhere = { parent_id: 4_000_000, milestone_id: 4_000_000, assigned_to: 4_000_000 };
    const expected = '422 parent_id:invalid milestone_id:invalid assignee_id:invalid';
    expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', ...nowhere } }))).toBe(expected);
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: nowhere }))).toBe(expected);
  });

  it('an assignee who is a stranger, invited, gone or disabled', async () => {
    const stranger = await world.register();
    const gone = await world.member(admin);
    const disabled = await world.member(admin);
    await admin.client.delete(`/users/${gone.id}`);
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [disabled.id]);
    const invited = created(await admin.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }));
    const issue = await openIssue(admin.client, project);
    for (const { id } of [stranger, gone, disabled, invited]) {
      expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', assignee_id: id } }))).toBe('422 assignee_id:invalid');
      expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { assigned_to: id } }))).toBe('422 assignee_id:invalid');
    }
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
  });

  it('a milestone of another project', async () => {
    const elsewhere = await startProject(admin.client);
    const { id } = created(await admin.client.post(`/projects/${elsewhere.id}/milestones`, { milestone: { name: 'Theirs' } }));
    const issue = await openIssue(admin.client, project);
    expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', milestone_id: id } }))).toBe('422 milestone_id:invalid');
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { milestone_id: id } }))).toBe('422 milestone_id:invalid');
  });
});

describe('the limits', () => {
  it('are reached and not crossed', async () => {
    const said = {
      title: 'x'.repeat(255), description: TOO_LONG.slice(1), labels: Array.from({ length: 50 }, (_, index) => `${index}`.padStart(50, 'x')),
      custom_fields: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field ${index}`, index])),
    };
    expect(await openIssue(admin.client, project, said)).toMatchObject(said);
  });

  it('count a label once, however often it is sent, and without what surrounds it', async () => {
    const labels = [...Array.from({ length: 60 }, () => 'gdpr'), ' gdpr ', 'GDPR'];
    expect((await openIssue(admin.client, project, { labels })).labels).toEqual(['gdpr', 'GDPR']);
  });
});

describe('a change', () => {
  it('touches what is sent and nothing else, and dates it', async () => {
    const said = { description: 'x', priority: 'low', labels: ['a'], issue_type: 'Bug', assignee_id: admin.id, due_at: '2127-01-31T23:30:00Z', custom_fields: { a: 1 } };
    const issue = await openIssue(admin.client, project, said);
    world.clock.advance({ seconds: 5 });
    const { status, body } = await admin.client.patch(`/issues/${issue.key}`, { issue: { title: 'Renamed', priority: 'highest' } });
    expect([status, body]).toEqual([200, { ...issue, title: 'Renamed', priority: 'highest', updated_at: expect.any(String) }]);
    expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(issue.updated_at) + 5000);
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(body);
  });

  it('clears with null what may be null; an empty description is none', async () => {
    const parent = await openIssue(admin.client, project);
    const { id } = await milestone();
    const said = { description: 'x', priority: 'low', labels: ['a'], issue_type: 'Bug', parent_id: parent.id, milestone_id: id, assignee_id: admin.id, due_at: '2127-01-31T23:30:00Z' };
    const issue = await openIssue(admin.client, project, said);
    const cleared = Object.fromEntries(Object.keys(said).map((field) => [field, null]));
    const { body } = await admin.client.patch(`/issues/${issue.id}`, { issue: cleared });
    const empty = { description: null, priority: null, labels: [], issue_type: null, parent_id: null, parent_key: null, milestone_id: null, assignee: null, due_at: null, due_date: null };
    expect(body).toEqual({ ...issue, ...empty, updated_at: expect.any(String) });
    await admin.client.patch(`/issues/${issue.id}`, { description: 'x' });
    expect((await admin.client.patch(`/issues/${issue.id}`, { description: '' })).body.description).toBeNull();
  });

  it.each([
    ['assigned_to', () => ({ assigned_to: null }), { assignee: null }],
    ['due_date', () => ({ due_date: null }), { due_at: null, due_date: null }],
    ['parent_key', () => ({ parent_key: null }), { parent_id: null, parent_key: null }],
  ])('clears by the alias %s, too', async (_, change, expected) => {
    const parent = await openIssue(admin.client, project);
    const issue = await openIssue(admin.client, project, { assignee_id: admin.id, due_date: '2127-01-31', parent_id: parent.id });
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: change() })).body).toMatchObject(expected);
  });

  it('may be an issue that was read, changed in one place and sent back whole', async () => {
    const parent = await openIssue(admin.client, project);
    const other = await openIssue(admin.client, project);
    const issue = await openIssue(admin.client, project, { parent_id: parent.id, due_at: '2127-01-31T23:30:00Z', labels: ['a'], custom_fields: { a: 1 }, status: 'in_review' });
    const same = await admin.client.patch(`/issues/${issue.id}`, { issue });
    expect([same.status, same.body]).toEqual([200, { ...issue, updated_at: expect.any(String) }]);
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { ...issue, parent_id: other.id } })).body.parent_key).toBe(other.key);
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { ...issue, parent_id: null } })).body.parent_key).toBeNull();
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { ...issue, due_at: '2028-02-29T01:00:00+02:00' } })).body.due_date).toBe('2028-02-28');
  });

  it('keeps an assignee who has left, until another one is named', async () => {
    const eva = await world.member(admin);
    const issue = await openIssue(admin.client, project, { assignee_id: eva.id });
    await admin.client.delete(`/users/${eva.id}`);
    const kept = await admin.client.patch(`/issues/${issue.id}`, { issue: { title: 'Y', assignee_id: eva.id } });
    expect([kept.status, kept.body.assignee.id]).toEqual([200, eva.id]);
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { assignee_id: admin.id } })).body.assignee.id).toBe(admin.id);
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { assignee_id: eva.id } }))).toBe('422 assignee_id:invalid');
  });

  it('of nothing leaves everything as it is, its date too', async () => {
    const issue = await openIssue(admin.client, project);
    world.clock.advance({ seconds: 5 });
    for (const body of [{}, { issue: {} }, { issue: { color: 'red' } }]) expect((await admin.client.patch(`/issues/${issue.id}`, body)).body).toEqual(issue);
  });

  it('does not take an issue out of its project', async () => {
    const elsewhere = await startProject(admin.client);
    const issue = await openIssue(admin.client, project);
    const { status, body } = await admin.client.patch(`/issues/${issue.id}`, { issue: { project_id: elsewhere.id, project_key: elsewhere.project_key } });
    expect([status, body]).toEqual([200, issue]);
  });

  it('loses none of twenty that come at once, each to a field of its own or to the same', async () => {
    const parent = await openIssue(admin.client, project);
    const { id: milestoneId } = await milestone();
    const issue = await openIssue(admin.client, project);
    const changes = [
      { description: 'said' }, { priority: 'low' }, { labels: ['a'] }, { issue_type: 'Bug' }, { parent_id: parent.id }, { milestone_id: milestoneId }, { assigned_to: admin.id },
      { due_date: '2127-01-31' }, { custom_fields: { a: 1 } }, { custom_fields: { b: 2 } }, { custom_fields: { c: { d: 3 } } }, { custom_fields: { c: { e: 4 } } },
      ...Array.from({ length: 8 }, (_, index) => ({ title: `Title ${index}` })),
    ];
    const answers = await Promise.all(changes.map(async (change) => admin.client.patch(`/issues/${issue.id}`, { issue: change })));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toMatchObject({
      description: 'said', priority: 'low', labels: ['a'], issue_type: 'Bug', parent_id: parent.id, milestone_id: milestoneId, assignee: { id: admin.id },
      due_date: '2127-01-31', custom_fields: { a: 1, b: 2, c: { d: 3, e: 4 } }, title: expect.stringMatching(/^Title \d$/),
    });
  });
});

describe('custom fields', () => {
  it('are merged key by key, and a null takes one away (RFC 7396)', async () => {
    const issue = await openIssue(admin.client, project, { custom_fields: { keep: 1, drop: 2, none: null, deep: { keep: 1, drop: 2 }, list: [1, null] } });
    expect(issue.custom_fields).toEqual({ keep: 1, drop: 2, deep: { keep: 1, drop: 2 }, list: [1, null] });
    const patch = { drop: null, deep: { drop: null, add: [] }, list: [2], add: 'ž', missing: null };
    const { body } = await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: patch } });
    expect(body.custom_fields).toEqual({ keep: 1, deep: { keep: 1, add: [] }, list: [2], add: 'ž' });
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: {} } })).body.custom_fields).toEqual(body.custom_fields);
  });

  it('come back as they were sent', async () => {
    const sent = { 'ключ': ' % _ \\ "\u2028', deep: [[[{ x: 1.5e300 }]]], toString: 'x', then: false, '': '', date: '2127-01-31T00:00:00Z' };
    const issue = await openIssue(admin.client, project, { custom_fields: sent });
    expect(issue.custom_fields).toEqual(sent);
    expect((await admin.client.get(`/issues/${issue.id}`)).body.custom_fields).toEqual(sent);
  });

  it('are fifty at most, by whichever way they come together', async () => {
    const some = (from: number, count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`field ${from + index}`, 1]));
    const issue = await openIssue(admin.client, project, { custom_fields: some(0, 40) });
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: some(40, 11) } }))).toBe('422 custom_fields:too_many');
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: some(40, 10) } })).status).toBe(200);
    const exchange = { ...some(50, 1), 'field 0': null };
    expect(Object.keys((await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: exchange } })).body.custom_fields)).toHaveLength(50);
  });

  it('do not grow beyond what one request could bring', async () => {
    const half = 'x'.repeat(60_000);
    const issue = await openIssue(admin.client, project, { custom_fields: { deep: { a: half } } });
    expect(faults(await admin.client.patch(`/issues/${issue.id}`, { issue: { custom_fields: { deep: { b: half } } } }))).toBe('422 custom_fields:too_long');
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('have no key %s', async (key) => {
    const { status, body } = await admin.client.post('/issues', `{"issue":{"project_id":${project.id},"title":"X","custom_fields":{"${key}":{"admin":true}}}}`);
    expect([status, body.details?.[0]]).toEqual([422, expect.objectContaining({ field: `issue.custom_fields.${key}`, code: 'unexpected' })]);
  });
});

describe('a deleted issue', () => {
  it('is gone, by its id and by its key, with its comments; what hung on it hangs on nothing', async () => {
    const issue = await openIssue(admin.client, project);
    const child = await openIssue(admin.client, project, { parent_id: issue.id });
    await admin.client.post(`/issues/${issue.id}/comments`, { comment: { body: 'Gone soon' } });
    expect(verdict(await admin.client.delete(`/issues/${issue.key}`))).toBe('204');
    for (const path of [`/issues/${issue.id}`, `/issues/${issue.key}`, `/issues/${issue.id}/comments`]) expect(verdict(await admin.client.get(path))).toBe('404 not_found');
    expect(verdict(await admin.client.delete(`/issues/${issue.id}`))).toBe('404 not_found');
    expect(verdict(await admin.client.patch(`/issues/${issue.id}`, { title: 'X' }))).toBe('404 not_found');
    expect(verdict(await admin.client.post(`/issues/${issue.id}/transition`, { state: 'done' }))).toBe('404 not_found');
    expect(await world.database.sql('SELECT 1 FROM comments WHERE issue_id = $1', [issue.id])).toEqual([]);
    expect((await admin.client.get(`/issues/${child.id}`)).body).toMatchObject({ parent_id: null, parent_key: null });
  });

  it('is deleted once, however many delete it', async () => {
    const { id } = await openIssue(admin.client, project);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(`/issues/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
  });

  it('goes with its project, and its milestone goes without it', async () => {
    const short = await startProject(admin.client);
    const { id } = created(await admin.client.post(`/projects/${short.id}/milestones`, { milestone: { name: 'M' } }));
    const issue = await openIssue(admin.client, short, { milestone_id: id });
    await admin.client.delete(`/projects/${short.id}/milestones/${id}`);
    expect((await admin.client.get(`/issues/${issue.id}`)).body.milestone_id).toBeNull();
    await admin.client.delete(`/projects/${short.id}`);
    expect(verdict(await admin.client.get(`/issues/${issue.id}`))).toBe('404 not_found');
  });
});

describe('a path', () => {
  it.each(['0', '-1', '42abc', '0x2a', '1e3', '1.0', '%20', '18446744073709551616', '9007199254740993', 'null', 'CORE', 'core-1', 'CORE-', 'CORE-0', 'CORE-01', 'CORE-1a', 'CORE-1%0a', 'CORE-99999999999', 'CORE-2147483648', "CORE-1'--", '__proto__', 'KKKK-1-1'])(
    'that is neither an id nor a key names nothing: %s',
    async (ref) => {
      const answers = [
        await admin.client.get(`/issues/${ref}`), await admin.client.patch(`/issues/${ref}`, { title: 'X' }), await admin.client.delete(`/issues/${ref}`),
        await admin.client.post(`/issues/${ref}/transition`, { state: 'done' }), await admin.client.get(`/issues/${ref}/comments`),
      ];
      expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
    },
  );

  it.each(['4000000', String(Number.MAX_SAFE_INTEGER), 'CORE-2147483647', 'NOSUCH-1'])('that names no issue is a 404: %s', async (ref) => {
    expect(verdict(await admin.client.get(`/issues/${ref}`))).toBe('404 not_found');
  });
});

describe('who may', () => {
  it('is every member, but viewers only look', async () => {
    const member = await world.member(admin);
    const viewer = await world.member(admin, 'viewer');
    const issue = await openIssue(member.client, project);
    expect((await viewer.client.get(`/issues/${issue.key}`)).body).toEqual(issue);
    expect((await viewer.client.get('/issues')).status).toBe(200);
    const refused = [
      await viewer.client.post('/issues', { issue: { project_id: project.id, title: 'X' } }), await viewer.client.patch(`/issues/${issue.id}`, { title: 'X' }),
      await viewer.client.post(`/issues/${issue.id}/transition`, { transition: { state: 'in_progress' } }), await viewer.client.delete(`/issues/${issue.id}`),
    ];
    expect(refused.map(verdict)).toEqual(refused.map(() => '403 forbidden'));
    expect((await member.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
    expect(verdict(await member.client.delete(`/issues/${issue.id}`))).toBe('204');
  });

  it('is decided by a token’s own scopes', async () => {
    const issue = await openIssue(admin.client, project);
    const reader = (await world.token(admin, { scopes: ['issues:read'] })).client;
    const writer = (await world.token(admin, { scopes: ['issues:write'] })).client;
    const other = (await world.token(admin, { scopes: ['projects', 'comments', 'workflows', 'users', 'admin'] })).client;
    expect(await Promise.all([reader.get(`/issues/${issue.id}`), writer.patch(`/issues/${issue.id}`, { title: 'Y' })]).then((answers) => answers.map(verdict))).toEqual(['200', '200']);
    const refused = [
      await writer.get('/issues'), await writer.get(`/issues/${issue.id}`), await reader.post('/issues', { title: 'X', project_id: project.id }), await reader.delete(`/issues/${issue.id}`),
      await reader.post(`/issues/${issue.id}/transition`, { state: 'done' }), await other.get('/issues'), await other.get('/issue_schema'), await other.patch(`/issues/${issue.id}`, {}),
    ];
    expect(refused.map(verdict)).toEqual(refused.map(() => '403 insufficient_scope'));
    expect((await reader.post('/issues', {})).body.required_scopes).toEqual(['issues:write']);
  });

  it('is nobody under a plan without issues', async () => {
    const founder = await world.register({ product: 'kanzlei' });
    expect((await founder.client.get('/issues')).status).toBe(200);
    await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{klein,scopes}', '["projects"]') WHERE slug = 'kanzlei'`);
    for (const path of ['/issues', '/issues/1', '/issue_schema', '/issues/schema', '/projects/1/issue_schema']) expect(verdict(await founder.client.get(path))).toBe('403 feature_disabled');
    for (const path of ['/issues', '/issues/1/transition']) expect(verdict(await founder.client.post(path, {}))).toBe('403 feature_disabled');
    expect(verdict(await founder.client.delete('/issues/1'))).toBe('403 feature_disabled');
  });
});

it('is the same at either address', async () => {
  const { status, body } = await admin.client.post('/ext/issues', { issue: { project_key: 'CORE', title: 'Mounted' } });
  expect(status).toBe(201);
  expect((await admin.client.get(`/issues/${body.key}`)).body).toEqual(body);
  expect((await admin.client.patch(`/ext/issues/${body.key}`, { issue: { title: 'Moved about' } })).body.title).toBe('Moved about');
  expect((await admin.client.get('/ext/issues?search=moved%20about')).body.meta.total_count).toBe(1);
  expect((await admin.client.post(`/ext/issues/${body.id}/transition`, { transition: { state: 'in_progress' } })).body.status).toBe('in_progress');
  expect((await admin.client.delete(`/ext/issues/${body.id}`)).status).toBe(204);
  expect((await admin.client.get(`/issues/${body.id}`)).status).toBe(404);
});

describe('a text that breaks out of texts', () => {
  const TEXTS = ["' OR 1=1--", "'; DROP TABLE issues; --", '") UNION SELECT hash FROM passwords--', "||pg_sleep(5)||'", '$1', ':organizationId', '{{7*7}}', '#{process.env}', '<script>alert(1)</script>', '%27', '\\', '\ufeffx', '../', '{"$gt":""}', "{a,b}", 'NULL', '$t(errors.conflict)'];

  it.each(TEXTS)('is a text like any other in each field: %s', async (text) => {
    const said = { title: text.trim(), description: text, labels: [text.trim()], custom_fields: { [text]: text, nested: { [text]: [text] } } };
    const issue = await openIssue(admin.client, project, said);
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toMatchObject(said);
    expect((await admin.client.patch(`/issues/${issue.id}`, { issue: said })).body).toMatchObject(said);
    for (const field of ['status', 'priority', 'issue_type', 'parent_id', 'parent_key', 'milestone_id', 'assignee_id', 'due_at']) {
      expect((await admin.client.patch(`/issues/${issue.id}`, { issue: { [field]: text } })).body.error).toBe('validation_error');
    }
    expect(world.logs.filter((line) => /unexpected error|syntax error/.test(line))).toEqual([]);
  });
});

it('names of fields are shown as they are called in each language', async () => {
  const sent = { issue: { project_key: freshKey(), title: 'X', labels: Array.from({ length: 51 }, (_, index) => `${index}`) } };
  const message = async (locale: string) => (await admin.client.with({ 'accept-language': locale }).post('/issues', sent)).body.errors.labels[0];
  expect([await message('cs'), await message('de'), await message('en')]).toEqual(['Povoleno je nejvýše 50 položek.', 'Höchstens 50 Einträge sind erlaubt.', 'At most 50 entries are allowed.']);
});

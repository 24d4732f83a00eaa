import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { faults } from './faults.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

let serial = 0;
const freshKey = () => `KEY${(serial += 1)}`;

async function create(fields: object = {}, client = admin.client) {
  const answer = await client.post('/projects', { project: { name: 'Core platform', ...fields } });
  if (answer.status !== 201) throw new Error(`create: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const stored = async () => world.database.sql('SELECT * FROM projects ORDER BY id');

const FULL = {
  name: 'Core platform',
  description: 'Line one\nline two',
  status: 'archived',
  visibility: 'public',
  github_repo_url: 'https://github.com/acme/core',
  start_date: '2026-01-01',
  end_date: '2026-12-31',
  workflow_sync_enabled: true,
  workflow_auto_boards: true,
  settings: { board: { columns: ['a', 1, null, true], 'klíč': 'ž' } },
};

describe('a new project', () => {
  it('is an active and private one of the caller’s organization, where only its name is said', async () => {
    const { status, body } = await admin.client.post('/projects', { project: { name: '  Core platform ' } });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number), name: 'Core platform', organization_id: admin.organizationId, project_key: null, description: null,
      status: 'active', visibility: 'private', github_repo_url: null, start_date: null, end_date: null, lead_id: null,
      workflow_sync_enabled: false, workflow_auto_boards: false, settings: {},
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), updated_at: body.created_at,
    }]);
  });

  it('keeps all that is said of it, and is found by its id and by its key', async () => {
    const said = { ...FULL, project_key: freshKey(), lead_id: admin.id };
    const { status, body } = await admin.client.post('/projects', { project: said });
    expect(status).toBe(201);
    expect(body).toMatchObject(said);
    expect((await admin.client.get(`/projects/${body.id}`)).body).toEqual(body);
    expect((await admin.client.get(`/projects/${said.project_key}`)).body).toEqual(body);
  });

  it('may be sent bare, with its lead’s id in digits, and what is unknown is ignored', async () => {
    const unknown = { id: 1, organization_id: 1, last_issue_number: 40, created_at: '2020-01-01T00:00:00Z', color: 'red' };
    const { status, body } = await admin.client.post('/projects', { ...unknown, name: 'Bare', lead_id: String(admin.id) });
    expect([status, body.lead_id, body.organization_id]).toEqual([201, admin.id, admin.organizationId]);
    expect(Object.keys(body)).not.toContain('color');
    expect(await world.database.sql('SELECT last_issue_number FROM projects WHERE id = $1', [body.id])).toEqual([{ last_issue_number: 0 }]);
  });

  it('is the same at either address', async () => {
    const { status, body } = await admin.client.post('/ext/projects', { project: { name: 'Mounted' } });
    expect(status).toBe(201);
    expect((await admin.client.get(`/projects/${body.id}`)).body).toEqual(body);
    expect((await admin.client.patch(`/ext/projects/${body.id}`, { project: { name: 'Moved' } })).body.name).toBe('Moved');
    expect((await admin.client.get(`/ext/projects?search=moved`)).body.meta.total_count).toBe(1);
    expect((await admin.client.delete(`/ext/projects/${body.id}`)).status).toBe(204);
    expect((await admin.client.get(`/projects/${body.id}`)).status).toBe(404);
  });

  it('may begin and end on one day, and be led by any active member', async () => {
    const viewer = await world.member(admin, 'viewer');
    const body = await create({ start_date: '2026-03-01', end_date: '2026-03-01', lead_id: viewer.id });
    expect([body.start_date, body.end_date, body.lead_id]).toEqual(['2026-03-01', '2026-03-01', viewer.id]);
  });

  it('is refused without a name, be the body empty or wrapped', async () => {
    for (const body of [{}, { project: {} }, { project: { name: null } }, { name: ' ' }]) expect(faults(await admin.client.post('/projects', body))).toBe('422 name:blank');
    for (const body of [{ project: null }, { project: 'Core' }, { project: [] }]) expect(faults(await admin.client.post('/projects', body))).toBe('422 project:invalid');
  });
});

/** A field, what is no value of it, and why. */
const FAULTS: readonly [string, unknown, string][] = [
  ['name', null, 'blank'],
  ['name', '', 'blank'],
  ['name', '   ', 'blank'],
  ['name', 'x'.repeat(101), 'too_long'],
  ['name', 'two\nlines', 'invalid'],
  ['name', 42, 'not_a_string'],
  ['name', { $ne: '' }, 'not_a_string'],
  ['project_key', 'core', 'invalid'],
  ['project_key', '1CORE', 'invalid'],
  ['project_key', 'CO-RE', 'invalid'],
  ['project_key', 'ČORE', 'invalid'],
  ['project_key', 'CO RE', 'invalid'],
  ['project_key', '', 'blank'],
  ['project_key', 'K'.repeat(51), 'too_long'],
  ['project_key', 7, 'not_a_string'],
  ['project_key', ['CORE'], 'not_a_string'],
  ['description', 'x'.repeat(10_001), 'too_long'],
  ['description', ' \n ', 'blank'],
  ['description', 7, 'not_a_string'],
  ['status', 'deleted', 'not_in_list'],
  ['status', 'Active', 'not_in_list'],
  ['status', '', 'not_in_list'],
  ['status', null, 'blank'],
  ['status', ['active'], 'not_in_list'],
  ['visibility', 'secret', 'not_in_list'],
  ['visibility', null, 'blank'],
  ['visibility', 0, 'not_in_list'],
  ['github_repo_url', 'javascript:alert(1)', 'invalid'],
  ['github_repo_url', 'ftp://github.com/acme', 'invalid'],
  ['github_repo_url', 'git@github.com:acme/core.git', 'invalid'],
  ['github_repo_url', 'github.com/acme', 'invalid'],
  ['github_repo_url', 'https://', 'invalid'],
  ['github_repo_url', 'https://a b.cz/', 'invalid'],
  ['github_repo_url', `https://github.com/${'x'.repeat(482)}`, 'too_long'],
  ['github_repo_url', '', 'blank'],
  ['github_repo_url', {}, 'not_a_string'],
  ['start_date', '2026-02-30', 'invalid'],
  ['start_date', '01.02.2026', 'invalid'],
  ['start_date', '2026-1-1', 'invalid'],
  ['start_date', '2026-01-01T00:00:00Z', 'invalid'],
  ['start_date', '', 'invalid'],
  ['start_date', 20260101, 'not_a_string'],
  ['end_date', '2025-13-01', 'invalid'],
  ['end_date', true, 'not_a_string'],
  ['lead_id', 'me', 'not_a_number'],
  ['lead_id', 0, 'not_a_number'],
  ['lead_id', 1.5, 'not_a_number'],
  ['lead_id', '18446744073709551616', 'not_a_number'],
  ['lead_id', [1], 'not_a_number'],
  ['lead_id', Number.MAX_SAFE_INTEGER, 'invalid'],
  ['workflow_sync_enabled', 'true', 'not_in_list'],
  ['workflow_sync_enabled', 1, 'not_in_list'],
  ['workflow_sync_enabled', null, 'blank'],
  ['workflow_auto_boards', 'yes', 'not_in_list'],
  ['workflow_auto_boards', null, 'blank'],
  ['settings', [], 'invalid'],
  ['settings', '{}', 'invalid'],
  ['settings', 1, 'invalid'],
  ['settings', false, 'invalid'],
];

describe('is refused by its name, at creation and at a change, and nothing is written:', () => {
  it.each(FAULTS)('%s as %j, which is %s', async (field, value, code) => {
    const project = await create();
    const before = await stored();
    expect(faults(await admin.client.post('/projects', { project: { name: 'Core', [field]: value } }))).toBe(`422 ${field}:${code}`);
    expect(faults(await admin.client.patch(`/projects/${project.id}`, { project: { [field]: value } }))).toBe(`422 ${field}:${code}`);
    expect(await stored()).toEqual(before);
  });

  it('an end before the start, whichever of the two changes', async () => {
    expect(faults(await admin.client.post('/projects', { project: { name: 'X', start_date: '2026-03-02', end_date: '2026-03-01' } }))).toBe('422 end_date:invalid');
    const project = await create({ start_date: '2026-03-01', end_date: '2026-03-31' });
    expect(faults(await admin.client.patch(`/projects/${project.id}`, { project: { end_date: '2026-02-28' } }))).toBe('422 end_date:invalid');
    expect(faults(await admin.client.patch(`/projects/${project.id}`, { project: { start_date: '2026-04-01' } }))).toBe('422 end_date:invalid');
    expect((await admin.client.get(`/projects/${project.id}`)).body).toEqual(project);
    expect((await admin.client.patch(`/projects/${project.id}`, { project: { start_date: '2026-04-01', end_date: null } })).status).toBe(200);
  });

  it('every faulty field at once', async () => {
    const body = { name: '', project_key: 'x', start_date: 'soon', status: 'lost', lead_id: 'me' };
    const { status, body: answer } = await admin.client.post('/projects', { project: body });
    expect([status, Object.keys(answer.errors).sort()]).toEqual([422, ['lead_id', 'name', 'project_key', 'start_date', 'status']]);
  });

  it('a lead who is a stranger, pending, disabled, or gone', async () => {
    const stranger = await world.register();
    const gone = await world.member(admin);
    await admin.client.delete(`/users/${gone.id}`);
    const pending = (await admin.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } })).body;
    const disabled = await world.member(admin);
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [disabled.id]);
    const project = await create();
    for (const id of [stranger.id, gone.id, pending.id, disabled.id]) {
      expect(faults(await admin.client.post('/projects', { project: { name: 'X', lead_id: id } }))).toBe('422 lead_id:invalid');
      expect(faults(await admin.client.patch(`/projects/${project.id}`, { project: { lead_id: id } }))).toBe('422 lead_id:invalid');
    }
  });
});

describe('a change', () => {
  it('touches what is sent and nothing else, and dates it', async () => {
    const project = await create({ ...FULL, project_key: freshKey(), lead_id: admin.id });
    world.clock.advance({ seconds: 5 });
    const { status, body } = await admin.client.patch(`/projects/${project.project_key}`, { project: { name: 'Renamed', visibility: 'team' } });
    expect([status, body]).toEqual([200, { ...project, name: 'Renamed', visibility: 'team', updated_at: expect.any(String) }]);
    expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(project.updated_at) + 5000);
    expect((await admin.client.get(`/projects/${project.id}`)).body).toEqual(body);
  });

  it('clears with null what may be null; an empty description is none', async () => {
    const cleared = { project_key: null, description: null, github_repo_url: null, start_date: null, end_date: null, lead_id: null };
    const project = await create({ ...FULL, project_key: freshKey(), lead_id: admin.id });
    const { body } = await admin.client.patch(`/projects/${project.id}`, { ...cleared, settings: null });
    expect(body).toEqual({ ...project, ...cleared, settings: {}, updated_at: expect.any(String) });
    expect((await admin.client.patch(`/projects/${project.id}`, { description: 'x' })).body.description).toBe('x');
    expect((await admin.client.patch(`/projects/${project.id}`, { description: '' })).body.description).toBeNull();
  });

  it('keeps settings byte for byte and replaces them whole', async () => {
    const project = await create({ settings: { a: 1, b: { c: [] } } });
    const settings = { 'ключ': ' % _ \\ "\u2028', deep: [[[{ x: 1.5e300 }]]], toString: 'x', then: null };
    expect((await admin.client.patch(`/projects/${project.id}`, { settings })).body.settings).toEqual(settings);
    expect((await admin.client.get(`/projects/${project.id}`)).body.settings).toEqual(settings);
  });

  it('keeps a lead who has left, until another one is named', async () => {
    const lead = await world.member(admin);
    const project = await create({ lead_id: lead.id });
    await admin.client.delete(`/users/${lead.id}`);
    expect((await admin.client.patch(`/projects/${project.id}`, { name: 'Y', lead_id: lead.id })).body).toMatchObject({ name: 'Y', lead_id: lead.id });
    expect((await admin.client.patch(`/projects/${project.id}`, { lead_id: null })).body.lead_id).toBeNull();
    expect(faults(await admin.client.patch(`/projects/${project.id}`, { lead_id: lead.id }))).toBe('422 lead_id:invalid');
  });

  it('of nothing leaves everything as it is', async () => {
    const project = await create(FULL);
    const { status, body } = await admin.client.patch(`/projects/${project.id}`, {});
    expect([status, body]).toEqual([200, { ...project, updated_at: expect.any(String) }]);
  });

  it('loses none of twenty that come at once, each to a field of its own or to the same', async () => {
    const project = await create();
    const changes = [
      { description: 'said' }, { visibility: 'team' }, { github_repo_url: 'https://x.cz/' }, { lead_id: admin.id }, { workflow_sync_enabled: true },
      { start_date: '2026-01-01' }, { end_date: '2026-02-01' }, { settings: { a: 1 } }, { status: 'archived' }, { project_key: freshKey() },
      ...Array.from({ length: 10 }, (_, index) => ({ name: `Name ${index}` })),
    ];
    const answers = await Promise.all(changes.map(async (change) => admin.client.patch(`/projects/${project.id}`, { project: change })));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect((await admin.client.get(`/projects/${project.id}`)).body).toMatchObject({ ...Object.assign({}, ...changes.slice(0, 10)), name: expect.stringMatching(/^Name \d$/) });
  });

  it('of both dates at once by two callers never leaves an end before the start', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await create({ start_date: '2026-01-10', end_date: '2026-01-20' });
      const answers = await Promise.all([
        admin.client.patch(`/projects/${id}`, { start_date: '2026-01-19' }),
        admin.client.patch(`/projects/${id}`, { end_date: '2026-01-11' }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    }
  });
});

it('a lead who is removed meanwhile was a member still, or the project is refused', async () => {
  for (let round = 0; round < 5; round += 1) {
    const lead = await world.member(admin);
    const { id } = await create();
    const [removed, made, changed] = await Promise.all([
      admin.client.delete(`/users/${lead.id}`),
      admin.client.post('/projects', { project: { name: 'Led', project_key: freshKey(), lead_id: lead.id } }),
      admin.client.patch(`/projects/${id}`, { project: { project_key: freshKey(), lead_id: lead.id } }),
    ]);
    expect(removed.status).toBe(204);
    expect(['201', '422 lead_id:invalid']).toContain(faults(made));
    expect(['200', '422 lead_id:invalid']).toContain(faults(changed));
  }
});

describe('a deleted project', () => {
  it('is gone, by its id and by its key, with its milestones', async () => {
    const project = await create({ project_key: freshKey() });
    const milestone = (await admin.client.post(`/projects/${project.id}/milestones`, { milestone: { name: 'M' } })).body;
    expect(verdict(await admin.client.delete(`/projects/${project.project_key}`))).toBe('204');
    for (const path of [`/projects/${project.id}`, `/projects/${project.project_key}`, `/projects/${project.id}/milestones`, `/projects/${project.id}/milestones/${milestone.id}`]) {
      expect(verdict(await admin.client.get(path))).toBe('404 not_found');
    }
    expect(verdict(await admin.client.delete(`/projects/${project.id}`))).toBe('404 not_found');
    expect(verdict(await admin.client.patch(`/projects/${project.id}`, { name: 'X' }))).toBe('404 not_found');
    expect(await world.database.sql('SELECT 1 FROM milestones WHERE id = $1', [milestone.id])).toEqual([]);
  });

  it('is deleted once, however many delete it', async () => {
    const { id } = await create({ project_key: freshKey() });
    const answers = await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(`/projects/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
  });
});

describe('a path', () => {
  it.each(['0', '-1', '42abc', '0x2a', '1e3', '1.0', '%20', '18446744073709551616', '9007199254740993', 'null', 'core', 'CO-RE', 'CORE%0a', '%C4%8CORE', "A'--", '%00', '__proto__'])('that is neither an id nor a key names nothing: %s', async (ref) => {
    expect(verdict(await admin.client.get(`/projects/${ref}`))).toBe('404 not_found');
    expect(verdict(await admin.client.patch(`/projects/${ref}`, { name: 'X' }))).toBe('404 not_found');
    expect(verdict(await admin.client.delete(`/projects/${ref}`))).toBe('404 not_found');
    expect(verdict(await admin.client.get(`/projects/${ref}/milestones`))).toBe('404 not_found');
  });

  it.each(['NOSUCHKEY', '999999', String(Number.MAX_SAFE_INTEGER)])('that names no project is a 404: %s', async (ref) => {
    expect(verdict(await admin.client.get(`/projects/${ref}`))).toBe('404 not_found');
  });
});

describe('the list', () => {
  let owner: Person;
  const names = async (query: string) => {
    const { status, body } = await owner.client.get(`/projects?${query}`);
    expect([status, body.meta?.total_count]).toEqual([200, body.data.length]);
    return body.data.map(({ name }: { name: string }) => name);
  };
  beforeAll(async () => {
    owner = await world.register();
    await create({ name: 'Žlutý kůň', status: 'archived' }, owner.client);
    await create({ name: '100% done', visibility: 'team' }, owner.client);
    await create({ name: 'snake_case \\ path', visibility: 'team', status: 'archived' }, owner.client);
    await create({ name: 'Alpha' }, owner.client);
  });

  it('holds the projects of the organization, oldest first, each as it is shown alone', async () => {
    const { body } = await owner.client.get('/projects');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['Žlutý kůň', '100% done', 'snake_case \\ path', 'Alpha']);
    expect(body.meta).toEqual({ current_page: 1, per_page: 25, total_pages: 1, total_count: 4 });
    expect((await owner.client.get(`/projects/${body.data[0].id}`)).body).toEqual(body.data[0]);
  });

  it.each([
    ['status=active', ['100% done', 'Alpha']],
    ['status=archived', ['Žlutý kůň', 'snake_case \\ path']],
    ['visibility=team', ['100% done', 'snake_case \\ path']],
    ['visibility=public', []],
    ['visibility=team&status=archived', ['snake_case \\ path']],
    ['search=alp', ['Alpha']],
    ['search=ŽLUT', ['Žlutý kůň']],
    ['search=done&status=archived', []],
    ['search=%25', ['100% done']],
    ['search=_', ['snake_case \\ path']],
    ['search=%5C', ['snake_case \\ path']],
    ['search=a%25a', []],
    ["search='%20OR%201=1--", []],
    ['color=red&owner=1', ['Žlutý kůň', '100% done', 'snake_case \\ path', 'Alpha']],
  ])('is narrowed by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each([
    ['sort=name', ['100% done', 'Alpha', 'snake_case \\ path', 'Žlutý kůň']],
    ['sort=name&order=desc', ['Žlutý kůň', 'snake_case \\ path', 'Alpha', '100% done']],
    ['sort=created_at&order=desc', ['Alpha', 'snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['sort=updated_at', ['100% done', 'snake_case \\ path', 'Alpha', 'Žlutý kůň']],
  ])('is ordered by %s', async (query, expected) => {
    const { body } = await owner.client.get('/projects?search=Žlut');
    world.clock.advance({ seconds: 1 });
    await owner.client.patch(`/projects/${body.data[0].id}`, {});
    expect(await names(query)).toEqual(expected);
  });

  it('comes in pages that neither repeat nor skip', async () => {
    const pages = await Promise.all([1, 2, 3].map(async (page) => (await owner.client.get(`/projects?per_page=2&page=${page}&sort=created_at`)).body));
    expect(pages.map(({ data }) => data.length)).toEqual([2, 2, 0]);
    expect(new Set(pages.flatMap(({ data }) => data.map(({ id }: { id: number }) => id))).size).toBe(4);
    expect(pages[2].meta).toEqual({ current_page: 3, per_page: 2, total_pages: 2, total_count: 4 });
  });

  it.each([
    ['status=lost', 'status:not_in_list'],
    ['status=', 'status:not_in_list'],
    ['visibility=secret', 'visibility:not_in_list'],
    ['search=', 'search:blank'],
    [`search=${'x'.repeat(101)}`, 'search:too_long'],
    ['sort=id', 'sort:not_in_list'],
    ['sort=settings', 'sort:not_in_list'],
    ['sort=name;DROP', 'sort:not_in_list'],
    ['sort=name&order=up', 'order:not_in_list'],
    ['page=0', 'page:invalid'],
    ['per_page=x', 'per_page:invalid'],
    ['cursor=x', 'cursor:unexpected'],
  ])('refuses %s', async (query, fault) => {
    expect(faults(await owner.client.get(`/projects?${query}`))).toBe(`422 ${fault}`);
  });
});

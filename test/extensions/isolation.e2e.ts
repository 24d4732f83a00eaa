import { verdict } from '../members/invitations.js';
import type { Answer, Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { created, openIssue, startProject } from '../workspace/desk.js';
import { faults } from '../workspace/faults.js';
import { installed, type Installed } from './installation.js';

const ALL = ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write'];
const ABSENT = 999_999_999;
/** Stands in every text of what is not to be seen. */
const MARK = 'hidden-3fa9';
const MOUNTS = ['', '/ext'];

/** A project with one of everything. */
interface House {
  readonly project: { id: number; project_key: string };
  readonly issue: { id: number; key: string };
  readonly commentId: number;
  readonly milestoneId: number;
}

let world: World;
let admin: Person;
let stranger: Person;
let member: Person;
let own: House;
let extension: Installed;
/** Of the same organization, and of another; the last has the own project's key. */
const hidden: Partial<Record<'neighbour' | 'foreign' | 'namesake', House>> = {};
let before: unknown;

async function house(client: Client, key: string, mark: string): Promise<House> {
  const project = await startProject(client, { project_key: key, name: `${mark} project`, description: mark });
  const milestone = created(await client.post(`/projects/${project.id}/milestones`, { milestone: { name: `${mark} milestone` } }));
  const issue = await openIssue(client, project, { title: `${mark} issue`, labels: [mark], priority: 'high', issue_type: 'Bug', milestone_id: milestone.id });
  await openIssue(client, project, { title: `${mark} child`, parent_id: issue.id });
  const comment = created(await client.post(`/issues/${issue.id}/comments`, { comment: { body: `${mark} comment` } }));
  return { project, issue, commentId: comment.id, milestoneId: milestone.id };
}

beforeAll(async () => {
  world = await World.start();
  await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{team,scopes}', '["issues","projects","comments","workflows","analytics","users","notifications"]') WHERE slug = 'spravce-gdpr'`);
  admin = await world.register();
  stranger = await world.register();
  member = await world.member(admin);
  own = await house(admin.client, 'CORE', 'own');
  hidden.neighbour = await house(admin.client, 'SIDE', MARK);
  hidden.foreign = await house(stranger.client, 'AWAY', MARK);
  hidden.namesake = await house(stranger.client, 'CORE', MARK);
  // The same one, twice before its own: whoever looks only at the first two finds others.
  for (const { id } of [of('neighbour').project, await startProject(admin.client, { name: MARK })]) await installed(world, admin, id, { permissions: ALL, name: MARK });
  extension = await installed(world, admin, own.project.id, { permissions: ALL });
  before = await rows();
});
afterAll(async () => {
  await world.stop();
});

function of(name: keyof typeof hidden): House {
  const found = hidden[name];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** All that is not to be seen, as it stands. */
async function rows(): Promise<unknown> {
  const projects = [(['neighbour', 'foreign', 'namesake'] as const).map((name) => of(name).project.id)];
  return [
    await world.database.sql('SELECT * FROM projects WHERE id = ANY($1) ORDER BY id', projects),
    await world.database.sql('SELECT * FROM milestones WHERE project_id = ANY($1) ORDER BY id', projects),
    await world.database.sql('SELECT * FROM issues WHERE project_id = ANY($1) ORDER BY id', projects),
    await world.database.sql('SELECT c.* FROM comments c JOIN issues i ON i.id = c.issue_id WHERE i.project_id = ANY($1) ORDER BY c.id', projects),
    await world.database.sql('SELECT * FROM extensions WHERE project_id = ANY($1) ORDER BY id', projects),
  ];
}

/** An answer without what differs between any two. */
const said = ({ status, body }: Answer) => [status, JSON.stringify(body).replace(/"request_id":"[^"]*"/, '')];
const total = ({ body }: Answer) => body.meta.total_count as number;
const ids = ({ body }: Answer) => (body.data as { id: number }[]).map(({ id }) => id);

/** Every way to name a row in a path, with what is to be named: a project, an issue, a comment, a milestone. */
type Names = Readonly<Record<'project' | 'issue' | 'comment' | 'milestone', number | string>>;
type Call = [string, (client: Client, names: Names) => Promise<Answer>];

const BY_PATH: Call[] = [
  ['a project', async (client, { project }) => client.get(`/projects/${project}`)],
  ['changing a project', async (client, { project }) => client.patch(`/projects/${project}`, { project: { name: 'Mine' } })],
  ['the schema of a project', async (client, { project }) => client.get(`/projects/${project}/issue_schema`)],
  ['the schema by a filter', async (client, { project }) => client.get(`/issues/schema?project_id=${project}`)],
  ['the schema by another filter', async (client, { project }) => client.get(`/issue_schema?project_id=${project}`)],
  ['milestones', async (client, { project }) => client.get(`/projects/${project}/milestones`)],
  ['milestones by status', async (client, { project }) => client.get(`/projects/${project}/milestones?status=planning`)],
  ['a new milestone', async (client, { project }) => client.post(`/projects/${project}/milestones`, { milestone: { name: 'Mine' } })],
  ['a milestone', async (client, { project, milestone }) => client.get(`/projects/${project}/milestones/${milestone}`)],
  ['changing a milestone', async (client, { project, milestone }) => client.patch(`/projects/${project}/milestones/${milestone}`, { milestone: { name: 'Mine' } })],
  ['deleting a milestone', async (client, { project, milestone }) => client.delete(`/projects/${project}/milestones/${milestone}`)],
  ['a new issue', async (client, { project }) => client.post('/issues', { issue: { project_id: project, title: 'Mine' } })],
  ['a new issue, its project beside it', async (client, { project }) => client.post('/issues', { project_id: project, issue: { title: 'Mine' } })],
  ['an issue', async (client, { issue }) => client.get(`/issues/${issue}`)],
  ['changing an issue', async (client, { issue }) => client.patch(`/issues/${issue}`, { issue: { title: 'Mine' } })],
  ['changing nothing of an issue', async (client, { issue }) => client.patch(`/issues/${issue}`, {})],
  ['moving an issue', async (client, { issue }) => client.post(`/issues/${issue}/transition`, { transition: { state: 'in_progress' } })],
  ['moving an issue nowhere', async (client, { issue }) => client.post(`/issues/${issue}/transition`, { transition: { state: 'done' } })],
  ['moving an issue by its status', async (client, { issue }) => client.patch(`/issues/${issue}`, { issue: { status: 'in_progress' } })],
  ['assigning an issue', async (client, { issue }) => client.patch(`/issues/${issue}`, { issue: { assignee_id: member.id } })],
  ['deleting an issue', async (client, { issue }) => client.delete(`/issues/${issue}`)],
  ['comments', async (client, { issue }) => client.get(`/issues/${issue}/comments`)],
  ['a new comment', async (client, { issue }) => client.post(`/issues/${issue}/comments`, { comment: { body: 'Mine' } })],
  ['a comment', async (client, { issue, comment }) => client.get(`/issues/${issue}/comments/${comment}`)],
  ['editing a comment', async (client, { issue, comment }) => client.patch(`/issues/${issue}/comments/${comment}`, { comment: { body: 'Mine' } })],
  ['deleting a comment', async (client, { issue, comment }) => client.delete(`/issues/${issue}/comments/${comment}`)],
];

/** Ways to what does not exist at all. */
const NOWHERE: Names = { project: ABSENT, issue: ABSENT, comment: ABSENT, milestone: ABSENT };
const byId = ({ project, issue, commentId, milestoneId }: House): Names => ({ project: project.id, issue: issue.id, comment: commentId, milestone: milestoneId });
const byKey = ({ project, issue, commentId, milestoneId }: House): Names => ({ project: project.project_key, issue: issue.key, comment: commentId, milestone: milestoneId });

describe.each(MOUNTS)('under /api/v1%s, a key', (mount) => {
  const client = () => extension.client.at(`${world.instance.base}/api/v1${mount}`);

  it.each(BY_PATH)('does not tell a hidden project’s from what is not there: %s', async (_, call) => {
    const nothing = said(await call(client(), NOWHERE));
    expect(nothing[0]).toBe(404);
    const names: Names[] = [byId(of('neighbour')), byKey(of('neighbour')), byId(of('foreign')), byKey(of('foreign')), byId(of('namesake'))];
    for (const hiddenNames of names) expect([hiddenNames, ...said(await call(client(), hiddenNames))]).toEqual([hiddenNames, ...nothing]);
    expect(await rows()).toEqual(before);
  });

  it('finds its own by the same ways, and by a key its own where two organizations have it', async () => {
    const reads = BY_PATH.filter(([name]) => /^(?:a |the |milestones|comments|an )/.test(name) && !name.startsWith('a new'));
    expect(reads.length).toBeGreaterThan(8);
    for (const [name, call] of reads) {
      for (const names of [byId(own), byKey(own)]) {
        const { status, body } = await call(client(), names);
        expect([name, status, JSON.stringify(body).includes(MARK)]).toEqual([name, 200, false]);
      }
    }
    expect((await client().get('/issues/CORE-1')).body.id).toBe(own.issue.id);
    expect((await client().get('/projects/CORE')).body.id).toBe(own.project.id);
  });

  it.each<[string, (it: House) => string]>([
    ['the project', ({ project }) => `project_id=${project.id}`],
    ['the project’s key', ({ project }) => `project_key=${project.project_key}`],
    ['the key as an id', ({ project }) => `project_id=${project.project_key}`],
    ['the project and a search', ({ project }) => `project_id=${project.id}&search=issue`],
    ['a search', () => `search=${MARK}`],
    ['a label', () => `label=${MARK}`],
    ['the parent', ({ issue }) => `parent_id=${issue.id}`],
    ['the milestone', ({ milestoneId }) => `milestone_id=${milestoneId}`],
  ])('finds no hidden issue by %s, and counts none', async (_, query) => {
    const nothing = said(await client().get(`/issues?project_id=${ABSENT}`));
    for (const name of ['neighbour', 'foreign'] as const) {
      const answer = await client().get(`/issues?${query(of(name))}`);
      expect([name, ...said(answer), total(answer)]).toEqual([name, ...nothing, 0]);
    }
    // The same query is no empty one: whoever may see it does.
    expect(total(await admin.client.get(`/issues?${query(of('neighbour'))}`))).toBeGreaterThan(0);
    expect(total(await stranger.client.get(`/issues?${query(of('foreign'))}`))).toBeGreaterThan(0);
  });

  it.each<[string, (it: House) => string]>([
    ['parent', ({ issue }) => `project_id=${own.project.id}&parent_id=${issue.id}`],
    ['milestone', ({ milestoneId }) => `project_key=CORE&milestone_id=${milestoneId}`],
  ])('finds none in its own project by a hidden %s either', async (_, query) => {
    for (const name of ['neighbour', 'foreign', 'namesake'] as const) expect(total(await client().get(`/issues?${query(of(name))}`))).toBe(0);
    expect(total(await client().get(`/issues?${query(own)}`))).toBe(1);
  });

  it.each(['', '?status=backlog', '?search=i', '?issue_type=Bug', '?priority=high', '?sort=title&order=asc', '?sort=created_at', '?per_page=1', '?page=2&per_page=1', '?project_key=CORE', '?project_id=CORE', '?search=%25', '?search=_'])('lists of issues no others than its own: %j', async (query) => {
    const mine = await world.database.sql<{ id: string }>('SELECT id FROM issues WHERE project_id = $1', [own.project.id]);
    const answer = await client().get(`/issues${query}`);
    expect(answer.status).toBe(200);
    expect(mine.map(({ id }) => Number(id))).toEqual(expect.arrayContaining(ids(answer)));
    expect(total(answer)).toBeLessThanOrEqual(mine.length);
    if (!/search=(?:%25|_)|issue_type|priority/.test(query)) expect(total(answer)).toBe(mine.length);
    expect(JSON.stringify(answer.body)).not.toContain(MARK);
  });

  it.each(['', '?status=active', '?visibility=team', `?search=${MARK}`, '?search=project', '?sort=name', '?page=2'])('lists of projects no other than its own: %j', async (query) => {
    const answer = await client().get(`/projects${query}`);
    expect(JSON.stringify(answer.body)).not.toContain(MARK);
    expect(ids(answer).filter((id) => id !== own.project.id)).toEqual([]);
    expect(total(answer)).toBe((await client().get(`/projects${query.replace('?page=2', '')}`)).body.data.length);
    expect(total(await client().get('/projects'))).toBe(1);
  });

  it('sees no hidden milestone, comment or child by way of its own project and issue', async () => {
    for (const name of ['neighbour', 'foreign', 'namesake'] as const) {
      const { milestoneId, commentId } = of(name);
      for (const project of [own.project.id, 'CORE']) {
        const path = `/projects/${project}/milestones/${milestoneId}`;
        const answers = [await client().get(path), await client().patch(path, { milestone: { name: 'Mine' } }), await client().delete(path)];
        expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
      }
      for (const issue of [own.issue.id, own.issue.key]) {
        const path = `/issues/${issue}/comments/${commentId}`;
        const answers = [await client().get(path), await client().patch(path, { comment: { body: 'Mine' } }), await client().delete(path)];
        expect(answers.map(verdict)).toEqual(answers.map(() => '404 not_found'));
      }
    }
    expect((await client().get('/projects/CORE/milestones')).body.milestones.map(({ id }: { id: number }) => id)).toEqual([own.milestoneId]);
    expect((await client().get(`/issues/${own.issue.key}/comments`)).body.comments.map(({ id }: { id: number }) => id)).toEqual([own.commentId]);
    expect(await rows()).toEqual(before);
  });

  it('hangs an issue on nothing hidden, neither a new one nor its own, and cannot tell it from nothing', async () => {
    const links = ({ issue, milestoneId }: House) => [{ parent_id: issue.id }, { parent_key: issue.key }, { milestone_id: milestoneId }];
    const absent = [{ parent_id: ABSENT }, { parent_key: 'AWAY-999' }, { milestone_id: ABSENT }];
    const open = async (fields: object) => client().post('/issues', { issue: { project_id: own.project.id, title: 'X', ...fields } });
    const tries = async (fields: object) => [said(await client().patch(`/issues/${own.issue.id}`, { issue: fields })), said(await open(fields))];
    const count = total(await client().get('/issues'));
    for (const name of ['neighbour', 'foreign'] as const) {
      for (const [index, fields] of links(of(name)).entries()) {
        const answers = await tries(fields);
        expect(answers.map(([status]) => status)).toEqual([422, 422]);
        expect(answers).toEqual(await tries(absent[index] ?? {}));
      }
    }
    expect(total(await client().get('/issues'))).toBe(count);
    expect((await client().get(`/issues/${own.issue.id}`)).body.parent_id).toBeNull();
    // Its own it may.
    const child = created(await open({ parent_id: own.issue.id, milestone_id: own.milestoneId }));
    expect([child.parent_key, (await client().delete(`/issues/${child.id}`)).status]).toEqual([own.issue.key, 204]);
  });

  it('moves no issue across: a project in a change is no change, and none is opened elsewhere', async () => {
    for (const name of ['neighbour', 'foreign'] as const) {
      const { project } = of(name);
      for (const fields of [{ project_id: project.id }, { project_key: project.project_key }, { organization_id: stranger.organizationId, project_id: project.id }]) {
        const { status, body } = await client().patch(`/issues/${own.issue.id}`, { issue: { ...fields, description: 'stays' }, ...fields });
        expect([status, body.project_id, body.key]).toEqual([200, own.project.id, own.issue.key]);
        expect(verdict(await client().post('/issues', { issue: { title: 'X', ...fields } }))).toBe('404 not_found');
        expect(verdict(await client().post('/issues', { ...fields, issue: { title: 'X' } }))).toBe('404 not_found');
      }
    }
    expect(await rows()).toEqual(before);
  });

  it('changes its own project, and neither creates one nor deletes its own', async () => {
    expect((await client().patch(`/projects/${own.project.id}`, { project: { description: 'by an extension', organization_id: stranger.organizationId, id: of('neighbour').project.id } })).body).toMatchObject({ id: own.project.id, organization_id: admin.organizationId, description: 'by an extension' });
    const count = async () => (await world.database.sql('SELECT 1 FROM projects')).length;
    const projects = await count();
    const refused = [
      await client().post('/projects', { project: { name: 'Mine' } }), await client().post('/projects', { project: { name: 'Mine', project_key: 'MINE' } }), await client().post('/projects', { project: { name: 'Mine', project_key: 'SIDE' } }),
      await client().delete(`/projects/${own.project.id}`), await client().delete('/projects/CORE'),
      await client().delete(`/projects/${of('neighbour').project.id}`), await client().delete('/projects/SIDE'), await client().delete(`/projects/${of('foreign').project.id}`), await client().delete(`/projects/${ABSENT}`),
    ];
    expect(refused.map(verdict)).toEqual(refused.map(() => '403 forbidden'));
    expect(await count()).toBe(projects);
  });

  it('sees the members of its organization with users:read, and nobody else', async () => {
    const { body } = await client().get('/users');
    expect(body.users.map(({ id }: { id: number }) => id).sort()).toEqual([admin.id, member.id].sort());
    expect(body.meta.total_count).toBe(2);
    expect([verdict(await client().get(`/users/${member.id}`)), verdict(await client().get(`/users/${stranger.id}`)), verdict(await client().get(`/users/${ABSENT}`))]).toEqual(['200', '404 not_found', '404 not_found']);
    expect((await client().get(`/users?role=admin`)).body.users.map(({ id }: { id: number }) => id)).toEqual([admin.id]);
  });

  it('sees its own organization by its slug, and no other', async () => {
    const slug = async (person: Person) => (await person.client.get('/auth/me')).body.organization.slug as string;
    const { status, body } = await client().get(`/organizations/${await slug(admin)}`);
    expect([status, body.id]).toEqual([200, admin.organizationId]);
    expect(said(await client().get(`/organizations/${await slug(stranger)}`))).toEqual(said(await client().get('/organizations/no-such-one')));
    expect(verdict(await client().get(`/organizations/${await slug(stranger)}`))).toBe('404 not_found');
  });

  it('sees the workflows of its organization, and none of another', async () => {
    const theirs = (await stranger.client.get('/workflows')).body.workflows[0].id as number;
    const mine = (await client().get('/workflows')).body.workflows.map(({ id }: { id: number }) => id);
    expect([mine.includes(theirs), mine.length > 0]).toEqual([false, true]);
    expect(verdict(await client().get(`/workflows/${theirs}`))).toBe('404 not_found');
  });

  it('sees no figures of the organization, not even with a permission that nobody can give it', async () => {
    expect(verdict(await client().get('/analytics/usage'))).toBe('403 insufficient_scope');
    await world.database.sql(`UPDATE extensions SET permissions = permissions || '{analytics:read}' WHERE id = $1`, [extension.id]);
    const answer = await client().get('/analytics/usage');
    await world.database.sql(`UPDATE extensions SET permissions = array_remove(permissions, 'analytics:read') WHERE id = $1`, [extension.id]);
    expect(verdict(answer)).toBe('403 forbidden');
  });
});

describe('permissions', () => {
  const NEEDS: [string, (client: Client) => Promise<Answer>][] = [
    ['issues:read', async (client) => client.get('/issues')],
    ['issues:write', async (client) => client.post('/issues', { issue: { project_id: own.project.id, title: 'By permission' } })],
    ['projects:read', async (client) => client.get('/projects')],
    ['projects:write', async (client) => client.patch(`/projects/${own.project.id}`, {})],
    ['comments:read', async (client) => client.get(`/issues/${own.issue.id}/comments`)],
    ['comments:write', async (client) => client.post(`/issues/${own.issue.id}/comments`, { comment: { body: 'By permission' } })],
    ['workflows:read', async (client) => client.get('/workflows')],
    ['users:read', async (client) => client.get('/users')],
  ];

  it.each(NEEDS)('%s opens what needs it and nothing else', async (permission, _) => {
    const only = await installed(world, admin, own.project.id, { id: 'com.example.only', permissions: [permission] });
    for (const mount of MOUNTS) {
      const client = only.client.at(`${world.instance.base}/api/v1${mount}`);
      for (const [needed, call] of NEEDS) {
        const { status, body } = await call(client);
        expect([needed, status < 300, body.error]).toEqual([needed, needed === permission, needed === permission ? undefined : 'insufficient_scope']);
        if (needed !== permission) expect(body.required_scopes).toEqual([needed]);
      }
    }
    await admin.client.delete(`/extensions/${only.id}`);
  });
});

describe('under /api/v1/extensions, a key', () => {
  it('is its own installation’s, by its id and by its manifest’s, and there is no other', async () => {
    const { client } = extension;
    const [other] = (await admin.client.get(`/extensions?project_id=${of('neighbour').project.id}`)).body.extensions;
    expect(other.extension_id).toBe(extension.extensionId);
    for (const ref of [extension.id, extension.extensionId, `${extension.extensionId}?project_id=${own.project.id}`]) expect((await client.get(`/extensions/${ref}`)).body.id).toBe(extension.id);
    const nothing = said(await client.get(`/extensions/${ABSENT}`));
    for (const ref of [other.id, `${other.id}?project_id=${other.project_id}`, `${extension.extensionId}?project_id=${other.project_id}`, `${extension.id}?project_id=${other.project_id}`, 'com.example.none']) {
      expect([ref, ...said(await client.get(`/extensions/${ref}`))]).toEqual([ref, ...nothing]);
      expect([ref, verdict(await client.get(`/extensions/${String(ref).replace(/(?=\?|$)/, '/secrets')}`))]).toEqual([ref, '404 not_found']);
    }
    expect(faults(await admin.client.get(`/extensions/${extension.extensionId}`))).toMatch(/^422 project_id:/);
  });
});

describe('after all that', () => {
  it('what is hidden is as it was', async () => {
    expect(await rows()).toEqual(before);
  });
});

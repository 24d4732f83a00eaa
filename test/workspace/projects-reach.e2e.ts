import type { Realm } from '#domain';
import { Milestones, Projects } from '../../apps/api/src/workspace/index.js';
import { installed } from '../extensions/installation.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';

let world: World;
let admin: Person;
let project: { id: number; project_key: string; name: string };
let milestone: { id: number };
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  project = (await admin.client.post('/projects', { project: { name: 'Core', project_key: 'CORE' } })).body;
  milestone = (await admin.client.post('/projects/CORE/milestones', { milestone: { name: 'Beta' } })).body;
});
afterAll(async () => {
  await world.stop();
});

type Attempt = (client: Client) => ReturnType<Client['get']>;

/** Every way to a project and its milestones, named by an id that the caller knows. */
const READS: readonly [string, Attempt][] = [
  ['GET a project', async (client) => client.get(`/projects/${project.id}`)],
  ['GET its milestones', async (client) => client.get(`/projects/${project.id}/milestones`)],
  ['GET its milestone', async (client) => client.get(`/projects/${project.id}/milestones/${milestone.id}`)],
];
const WRITES: readonly [string, Attempt][] = [
  ['PATCH a project', async (client) => client.patch(`/projects/${project.id}`, { project: { name: 'Theirs' } })],
  ['PATCH its key', async (client) => client.patch(`/projects/${project.id}`, { project: { project_key: 'THEIRS' } })],
  ['DELETE a project', async (client) => client.delete(`/projects/${project.id}`)],
  ['POST a milestone', async (client) => client.post(`/projects/${project.id}/milestones`, { milestone: { name: 'X' } })],
  ['PATCH its milestone', async (client) => client.patch(`/projects/${project.id}/milestones/${milestone.id}`, { milestone: { name: 'X' } })],
  ['DELETE its milestone', async (client) => client.delete(`/projects/${project.id}/milestones/${milestone.id}`)],
];
const COLLECTION: readonly [string, Attempt][] = [
  ['GET projects', async (client) => client.get('/projects')],
  ['POST a project', async (client) => client.post('/projects', { project: { name: 'X' } })],
];

const stored = async () => [
  await world.database.sql('SELECT * FROM projects WHERE organization_id = $1 ORDER BY id', [admin.organizationId]),
  await world.database.sql('SELECT * FROM milestones WHERE organization_id = $1 ORDER BY id', [admin.organizationId]),
];

describe.each(['spravce-gdpr', 'kiket'])('somebody of another organization, on %s,', (product) => {
  let stranger: Person;
  beforeAll(async () => {
    stranger = await world.register({ product });
  });

  it.each([...READS, ...WRITES])('finds nothing by %s, and changes nothing', async (_, attempt) => {
    const before = await stored();
    expect(verdict(await attempt(stranger.client))).toBe('404 not_found');
    expect(await stored()).toEqual(before);
  });

  it('sees none of it in lists, searches and counts, nor by its key', async () => {
    for (const path of ['/projects', '/projects?search=Core', '/projects?status=active', '/ext/projects']) {
      expect((await stranger.client.get(path)).body).toMatchObject({ data: [], meta: { total_count: 0, total_pages: 0 } });
    }
    expect(verdict(await stranger.client.get('/projects/CORE'))).toBe('404 not_found');
    expect(verdict(await stranger.client.get('/projects/CORE/milestones'))).toBe('404 not_found');
  });

  it('does not reach a milestone through a project of their own', async () => {
    const own = (await stranger.client.post('/projects', { project: { name: 'Own' } })).body;
    const path = `/projects/${own.id}/milestones/${milestone.id}`;
    expect(verdict(await stranger.client.get(path))).toBe('404 not_found');
    expect(verdict(await stranger.client.patch(path, { milestone: { name: 'X' } }))).toBe('404 not_found');
    expect(verdict(await stranger.client.delete(path))).toBe('404 not_found');
    await stranger.client.delete(`/projects/${own.id}`);
  });
});

describe('a viewer', () => {
  let viewer: Person;
  beforeAll(async () => {
    viewer = await world.member(admin, 'viewer');
  });

  it.each([...READS, ...COLLECTION.slice(0, 1)])('may %s', async (_, attempt) => {
    expect((await attempt(viewer.client)).status).toBe(200);
  });

  it.each([...WRITES, ...COLLECTION.slice(1)])('may not %s', async (_, attempt) => {
    const before = await stored();
    expect(verdict(await attempt(viewer.client))).toBe('403 forbidden');
    expect(await stored()).toEqual(before);
  });
});

it('a member may do all of it, without being an admin', async () => {
  const { client, id } = await world.member(admin);
  const { status, body } = await client.post('/projects', { project: { name: 'By a member' } });
  expect(status).toBe(201);
  const made = await client.post(`/projects/${body.id}/milestones`, { milestone: { name: 'M' } });
  expect([made.status, made.body.created_by_id]).toEqual([201, id]);
  expect((await client.delete(`/projects/${body.id}/milestones/${made.body.id}`)).status).toBe(204);
  expect((await client.patch(`/projects/${body.id}`, { name: 'Y' })).status).toBe(200);
  expect((await client.delete(`/projects/${body.id}`)).status).toBe(204);
});

describe('a plan without projects', () => {
  let outsider: Person;
  beforeAll(async () => {
    outsider = await world.register({ product: 'kanzlei' });
  });

  it.each([...READS, ...WRITES, ...COLLECTION])('has no %s, be the row there or not', async (_, attempt) => {
    expect(verdict(await attempt(outsider.client))).toBe('403 feature_disabled');
  });
});

describe('a credential that is bound to one project', () => {
  const page = { page: 1, perPage: 25, sort: null };
  let bound: Realm;
  let other: { id: number };
  const projects = () => world.instance.app.get(Projects, { strict: false });
  const milestones = () => world.instance.app.get(Milestones, { strict: false });
  beforeAll(async () => {
    bound = { organizationId: admin.organizationId, projectId: project.id };
    other = (await admin.client.post('/projects', { project: { name: 'Core too', project_key: 'OTHER' } })).body;
  });

  it('sees that one alone, in lists, searches and counts', async () => {
    for (const filter of [{}, { search: 'core' }, { status: 'active' }] as const) {
      const { rows, total } = await projects().list(bound, filter, page);
      expect([rows.map(({ id }) => id), total]).toEqual([[project.id], 1]);
    }
    expect(await projects().list(bound, { search: 'too' }, page)).toEqual({ rows: [], total: 0 });
  });

  it('finds that one by its id and its key, and no other', async () => {
    for (const ref of [project.id, 'CORE']) expect((await projects().get(bound, ref)).id).toBe(project.id);
    for (const ref of [other.id, 'OTHER', 999_999]) await expect(projects().get(bound, ref)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('changes that one and no other', async () => {
    expect((await projects().change(bound, 'CORE', { name: 'Core' })).name).toBe('Core');
    for (const ref of [other.id, 'OTHER']) await expect(projects().change(bound, ref, { name: 'X' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(projects().change(bound, 'CORE', { projectKey: 'OTHER' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(projects().change(bound, 'CORE', { projectKey: 'FREE' })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await projects().change(bound, 'CORE', { projectKey: 'CORE' })).projectKey).toBe('CORE');
    expect((await admin.client.get('/projects/OTHER')).body).toEqual(other);
  });

  it('neither founds a project nor deletes one, its own included', async () => {
    await expect(projects().create(bound, { name: 'X' })).rejects.toMatchObject({ code: 'forbidden' });
    const extension = await installed(world, admin, project.id, { permissions: ['projects'] });
    for (const ref of [project.id, 'CORE', other.id, 999_999]) expect(verdict(await extension.client.delete(`/projects/${ref}`))).toBe('403 forbidden');
    expect((await admin.client.get('/projects')).body.meta.total_count).toBe(2);
  });

  it('reaches the milestones of that one and no other’s', async () => {
    const theirs = (await admin.client.post(`/projects/${other.id}/milestones`, { milestone: { name: 'Theirs' } })).body;
    const writer = { realm: bound, userId: admin.id };
    expect((await milestones().list(bound, 'CORE', {}, page)).rows.map(({ milestone: { id } }) => id)).toEqual([milestone.id]);
    expect((await milestones().change(bound, project.id, milestone.id, { name: 'Beta' })).milestone.id).toBe(milestone.id);
    for (const ref of [other.id, 'OTHER']) {
      const refused = [
        async () => milestones().list(bound, ref, {}, page),
        async () => milestones().get(bound, ref, theirs.id),
        async () => milestones().create(writer, ref, { name: 'X' }),
        async () => milestones().change(bound, ref, theirs.id, { name: 'X' }),
        async () => milestones().remove(bound, ref, theirs.id),
      ];
      for (const attempt of refused) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(milestones().get(bound, 'CORE', theirs.id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await admin.client.get(`/projects/OTHER/milestones/${theirs.id}`)).body).toEqual(theirs);
  });
});

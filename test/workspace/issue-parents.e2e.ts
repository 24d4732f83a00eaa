import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { created, openIssue, startProject } from './desk.js';
import { faults } from './faults.js';
import { meanwhile } from './meanwhile.js';

let world: World;
let admin: Person;
// A project, as the API answers.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
let project: any;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  project = await startProject(admin.client, { project_key: 'TREE' });
});
afterAll(async () => {
  await world.stop();
});

const put = async (id: number, parent: object, client: Client = admin.client) => client.patch(`/issues/${id}`, { issue: parent });

/** Issues that hang on one another, the first on nothing. */
async function chain(length: number) {
  const issues = [await openIssue(admin.client, project)];
  while (issues.length < length) issues.push(await openIssue(admin.client, project, { parent_id: issues.at(-1)?.id }));
  return issues;
}

describe('a parent', () => {
  it.each([
    ['its id', ({ id }: { id: number }) => ({ parent_id: id })],
    ['its id in digits', ({ id }: { id: number }) => ({ parent_id: String(id) })],
    ['its key', ({ key }: { key: string }) => ({ parent_key: key })],
    ['its id, whatever key stands beside it', ({ id }: { id: number }) => ({ parent_id: id, parent_key: 'TREE-1' })],
  ])('is named by %s', async (_, named: (parent: { id: number; key: string }) => object) => {
    const parent = await openIssue(admin.client, project);
    const expected = { parent_id: parent.id, parent_key: parent.key };
    expect(await openIssue(admin.client, project, named(parent))).toMatchObject(expected);
    const { id } = await openIssue(admin.client, project);
    expect((await put(id, named(parent))).body).toMatchObject(expected);
  });

  it('is named by its key at creation where its id is null', async () => {
    const parent = await openIssue(admin.client, project);
    expect(await openIssue(admin.client, project, { parent_id: null, parent_key: parent.key })).toMatchObject({ parent_id: parent.id });
  });

  it.each([
    [{ parent_key: 'TREE' }, 'parent_key:invalid'],
    [{ parent_key: 'tree-1' }, 'parent_key:invalid'],
    [{ parent_key: 'TREE-2147483648' }, 'parent_key:invalid'],
    [{ parent_key: '' }, 'parent_key:invalid'],
    [{ parent_key: 1 }, 'parent_key:not_a_string'],
    [{ parent_key: { projectKey: 'TREE', number: 1 } }, 'parent_key:not_a_string'],
    [{ parent_key: ['TREE-1'] }, 'parent_key:not_a_string'],
    [{ parent_key: 'TREE-2147483647' }, 'parent_id:invalid'],
    [{ parent_key: 'NOSUCH-1' }, 'parent_id:invalid'],
    [{ parent_id: 4_000_000 }, 'parent_id:invalid'],
  ])('is not %j', async (parent, fault) => {
    const issue = await openIssue(admin.client, project);
    expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', ...parent } }))).toBe(`422 ${fault}`);
    expect(faults(await put(issue.id, parent))).toBe(`422 ${fault}`);
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
  });

  it('stands in the same project, and in no other of this organization or of anybody’s', async () => {
    const elsewhere = await openIssue(admin.client, await startProject(admin.client));
    const stranger = await world.register();
    const theirs = await openIssue(stranger.client, await startProject(stranger.client));
    const issue = await openIssue(admin.client, project);
    for (const { id, key } of [elsewhere, theirs]) {
      for (const parent of [{ parent_id: id }, { parent_key: key }]) {
        expect(faults(await put(issue.id, parent))).toBe('422 parent_id:invalid');
        expect(faults(await admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', ...parent } }))).toBe('422 parent_id:invalid');
      }
    }
  });

  it('is none of those that hang on the issue, nor the issue itself', async () => {
    const [top, middle, bottom] = await chain(3);
    for (const { id } of [top, middle, bottom]) expect(faults(await put(top.id, { parent_id: id }))).toBe('422 parent_id:circular');
    expect(faults(await put(middle.id, { parent_key: bottom.key }))).toBe('422 parent_id:circular');
    expect((await put(bottom.id, { parent_id: top.id })).body).toMatchObject({ parent_id: top.id });
    expect((await put(middle.id, { parent_id: bottom.id })).body).toMatchObject({ parent_id: bottom.id });
    expect((await put(top.id, { parent_id: null })).body).toMatchObject({ parent_id: null, parent_key: null });
  });

  it('may stand at the end of a long chain', async () => {
    const issues = await chain(60);
    expect(faults(await put(issues[0].id, { parent_id: issues.at(-1)?.id }))).toBe('422 parent_id:circular');
    const { id } = await openIssue(admin.client, project);
    expect((await put(id, { parent_id: issues.at(-1)?.id })).status).toBe(200);
  });
});

describe('no circle is closed', () => {
  it('by two who hang two issues on each other at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await openIssue(admin.client, project);
      const two = await openIssue(admin.client, project);
      const answers = await Promise.all([put(one.id, { parent_id: two.id }), put(two.id, { parent_id: one.id })]);
      expect(answers.map(faults).sort()).toEqual(['200', '422 parent_id:circular']);
    }
  });

  it('by many who hang many in a ring at once, on two instances', async () => {
    const other = admin.client.at(`${(await world.anotherInstance()).base}/api/v1`);
    for (let round = 0; round < 3; round += 1) {
      const issues = await Promise.all(Array.from({ length: 8 }, async () => openIssue(admin.client, project)));
      const answers = await Promise.all(issues.map(async ({ id }, index) => put(id, { parent_id: issues[(index + 1) % issues.length].id }, index % 2 === 0 ? admin.client : other)));
      expect(answers.map(faults).sort()).toEqual([...Array.from({ length: 7 }, () => '200'), '422 parent_id:circular']);
    }
  });
});

describe('whatever is deleted meanwhile', () => {
  it('a parent is there or it is refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const parent = await openIssue(admin.client, project);
      const { id } = await openIssue(admin.client, project);
      const [deleted, hung, opened] = await Promise.all([
        admin.client.delete(`/issues/${parent.id}`),
        put(id, { parent_id: parent.id }),
        admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', parent_id: parent.id } }),
      ]);
      expect(deleted.status).toBe(204);
      expect(['200', '422 parent_id:invalid']).toContain(faults(hung));
      expect(['201', '422 parent_id:invalid']).toContain(faults(opened));
      expect((await admin.client.get(`/issues/${id}`)).body.parent_id).toBeNull();
    }
  });

  it('a milestone is there or it is refused', async () => {
    const issue = await openIssue(admin.client, project);
    for (const act of [
      async (milestone_id: number) => put(issue.id, { milestone_id }),
      async (milestone_id: number) => admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', milestone_id } }),
    ]) {
      const { id } = created(await admin.client.post(`/projects/${project.id}/milestones`, { milestone: { name: 'M' } }));
      const deletion: [string, unknown[]][] = [['SELECT 1 FROM projects WHERE id = $1 FOR KEY SHARE', [project.id]], ['DELETE FROM milestones WHERE id = $1', [id]]];
      expect(faults(await meanwhile(world, deletion, async () => act(id)))).toBe('422 milestone_id:invalid');
    }
  });

  it('an assignee is a member when they are named', async () => {
    for (const act of [
      async (id: number, assignee_id: number) => put(id, { assignee_id }),
      async (_: number, assignee_id: number) => admin.client.post('/issues', { issue: { project_id: project.id, title: 'X', assignee_id } }),
    ]) {
      const eva = await world.member(admin);
      const { id } = await openIssue(admin.client, project);
      const removal: [string, unknown[]][] = [['UPDATE memberships SET ended_at = now() WHERE organization_id = $1 AND user_id = $2', [admin.organizationId, eva.id]]];
      expect(faults(await meanwhile(world, removal, async () => act(id, eva.id)))).toBe('422 assignee_id:invalid');
    }
  });

  it('a project takes its issues with it, or they are refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const short = await startProject(admin.client);
      const { id } = await openIssue(admin.client, short);
      const [deleted, ...rest] = await Promise.all([
        admin.client.delete(`/projects/${short.id}`),
        admin.client.post('/issues', { issue: { project_id: short.id, title: 'X' } }),
        put(id, { title: 'Y' }),
        put(id, { parent_id: null }),
        admin.client.post(`/issues/${id}/comments`, { comment: { body: 'X' } }),
        admin.client.delete(`/issues/${id}`),
      ]);
      expect(deleted.status).toBe(204);
      expect(rest.map(({ status }) => status).filter((status) => ![200, 201, 204, 404].includes(status))).toEqual([]);
      expect(await world.database.sql('SELECT 1 FROM issues WHERE project_id = $1', [short.id])).toEqual([]);
    }
  });
});

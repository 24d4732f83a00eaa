import { type Person, World } from '../support/world.js';
import { freshKey, openIssue, startProject } from './desk.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const keys = async (projectId: number) => {
  const pages = await Promise.all([1, 2].map(async (page) => admin.client.get(`/issues?project_id=${projectId}&sort=created_at&per_page=100&page=${page}`)));
  return pages.flatMap(({ body }) => body.data.map(({ key }: { key: string }) => key));
};
const upTo = (key: string, count: number) => Array.from({ length: count }, (_, index) => `${key}-${index + 1}`);
const numerically = (a: string, b: string) => Number(a.split('-')[1]) - Number(b.split('-')[1]);

describe('keys', () => {
  it('count from one in each project', async () => {
    for (const project of [await startProject(admin.client), await startProject(admin.client)]) {
      for (const key of upTo(project.project_key, 3)) expect((await openIssue(admin.client, project)).key).toBe(key);
    }
  });

  it('are given to fifty at once without a gap and none twice, whatever fails between them', async () => {
    const project = await startProject(admin.client);
    const attempts = Array.from({ length: 75 }, async (_, index) => {
      const faulty = index % 3 === 2;
      const { status } = await admin.client.post('/issues', { issue: { project_id: project.id, title: `Issue ${index}`, ...(faulty && { milestone_id: 4_000_000 }) } });
      expect([faulty, status]).toEqual([faulty, faulty ? 422 : 201]);
    });
    await Promise.all(attempts);
    expect((await keys(project.id)).sort(numerically)).toEqual(upTo(project.project_key, 50));
  });

  it('are given across instances as by one', async () => {
    const project = await startProject(admin.client);
    const other = admin.client.at(`${(await world.anotherInstance()).base}/api/v1`);
    await Promise.all(Array.from({ length: 20 }, async (_, index) => openIssue(index % 2 === 0 ? admin.client : other, project)));
    expect((await keys(project.id)).sort(numerically)).toEqual(upTo(project.project_key, 20));
  });

  it('are not given again when their issue is gone', async () => {
    const project = await startProject(admin.client);
    await openIssue(admin.client, project);
    const last = await openIssue(admin.client, project);
    expect((await admin.client.delete(`/issues/${last.key}`)).status).toBe(204);
    expect((await openIssue(admin.client, project)).key).toBe(`${project.project_key}-3`);
    expect((await admin.client.get(`/issues/${last.key}`)).status).toBe(404);
  });

  it('are not given again when their project is gone and another takes up its key', async () => {
    const project = await startProject(admin.client);
    for (let count = 0; count < 3; count += 1) await openIssue(admin.client, project);
    await admin.client.delete(`/projects/${project.id}`);
    const heir = await startProject(admin.client, { project_key: project.project_key });
    expect((await openIssue(admin.client, heir)).key).toBe(`${project.project_key}-4`);
  });

  it('come to a project’s issues with its key, and leave with it', async () => {
    const project = await startProject(admin.client, { project_key: null });
    const issue = await openIssue(admin.client, project);
    const child = await openIssue(admin.client, project, { parent_id: issue.id });
    expect([issue.key, issue.project_key, child.key, child.parent_id, child.parent_key]).toEqual([null, null, null, issue.id, null]);
    const key = freshKey();
    await admin.client.patch(`/projects/${project.id}`, { project: { project_key: key } });
    expect((await admin.client.get(`/issues/${key}-2`)).body).toEqual({ ...child, key: `${key}-2`, project_key: key, parent_key: `${key}-1` });
    await admin.client.patch(`/projects/${project.id}`, { project: { project_key: null } });
    expect((await admin.client.get(`/issues/${key}-2`)).status).toBe(404);
    expect((await admin.client.get(`/issues/${child.id}`)).body).toEqual(child);
  });

  it('name an issue wherever an id does', async () => {
    const project = await startProject(admin.client);
    const { key, id } = await openIssue(admin.client, project);
    expect((await admin.client.patch(`/issues/${key}`, { issue: { title: 'Renamed' } })).body).toMatchObject({ id, title: 'Renamed' });
    expect((await admin.client.post(`/issues/${key}/transition`, { transition: { state: 'in_progress' } })).body).toMatchObject({ id, status: 'in_progress' });
    const comment = (await admin.client.post(`/issues/${key}/comments`, { comment: { body: 'Seen.' } })).body;
    expect((await admin.client.get(`/issues/${id}/comments/${comment.id}`)).body).toEqual(comment);
    expect((await admin.client.delete(`/issues/${key}`)).status).toBe(204);
  });

  it('are each organization’s own', async () => {
    const stranger = await world.register();
    const key = freshKey();
    const ours = await openIssue(admin.client, await startProject(admin.client, { project_key: key }), { title: 'Ours' });
    const theirs = await openIssue(stranger.client, await startProject(stranger.client, { project_key: key }), { title: 'Theirs' });
    expect([ours.key, theirs.key]).toEqual([`${key}-1`, `${key}-1`]);
    expect((await admin.client.get(`/issues/${key}-1`)).body).toEqual(ours);
    expect((await stranger.client.get(`/issues/${key}-1`)).body).toEqual(theirs);
  });
});

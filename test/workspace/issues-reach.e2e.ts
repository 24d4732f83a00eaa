import { verdict } from '../members/invitations.js';
import { DomainError, type Realm, Scopes } from '#domain';
import { Comments, Issues } from '../../apps/api/src/workspace/index.js';
import { type Person, World } from '../support/world.js';
import { created, openIssue, startProject } from './desk.js';
import { faults } from './faults.js';

let world: World;
let admin: Person;
// Rows, as the API answers.
/* eslint-disable @typescript-eslint/no-explicit-any */
let core: any;
let other: any;
let issue: any;
let elsewhere: any;
let comment: any;
let commentElsewhere: any;
/* eslint-enable @typescript-eslint/no-explicit-any */
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  core = await startProject(admin.client, { project_key: 'CORE' });
  other = await startProject(admin.client, { project_key: 'OTHER' });
  issue = await openIssue(admin.client, core, { title: 'Žlutý kůň', labels: ['gdpr'], assignee_id: admin.id });
  elsewhere = await openIssue(admin.client, other, { title: 'Žlutý kůň', labels: ['gdpr'], assignee_id: admin.id });
  comment = created(await admin.client.post(`/issues/${issue.id}/comments`, { body: 'Here' }));
  commentElsewhere = created(await admin.client.post(`/issues/${elsewhere.id}/comments`, { body: 'There' }));
});
afterAll(async () => {
  await world.stop();
});

const stored = async () => [await world.database.sql('SELECT * FROM issues ORDER BY id'), await world.database.sql('SELECT * FROM comments ORDER BY id')];

describe.each([
  ['another organization', {}],
  ['another product', { product: 'kiket' }],
])('%s', (_, facts) => {
  it('finds nothing of it by id, key, list, search, filter or count, and changes nothing', async () => {
    const stranger = await world.register(facts);
    const before = await stored();
    for (const ref of [issue.id, issue.key]) {
      for (const path of [`/issues/${ref}`, `/issues/${ref}/comments`, `/issues/${ref}/comments/${comment.id}`]) {
        expect(verdict(await stranger.client.get(path))).toBe('404 not_found');
        expect(verdict(await stranger.client.get(`/ext${path}`))).toBe('404 not_found');
      }
      expect(verdict(await stranger.client.patch(`/issues/${ref}`, { issue: { title: 'X', parent_id: null } }))).toBe('404 not_found');
      expect(verdict(await stranger.client.post(`/issues/${ref}/transition`, { transition: { state: 'in_progress' } }))).toBe('404 not_found');
      expect(verdict(await stranger.client.delete(`/issues/${ref}`))).toBe('404 not_found');
      expect(verdict(await stranger.client.post(`/issues/${ref}/comments`, { comment: { body: 'X' } }))).toBe('404 not_found');
      expect(verdict(await stranger.client.patch(`/issues/${ref}/comments/${comment.id}`, { comment: { body: 'X' } }))).toBe('404 not_found');
      expect(verdict(await stranger.client.delete(`/issues/${ref}/comments/${comment.id}`))).toBe('404 not_found');
    }
    for (const project of [{ project_id: core.id }, { project_id: 'CORE' }, { project_key: 'CORE' }]) expect(verdict(await stranger.client.post('/issues', { issue: { title: 'X', ...project } }))).toBe('404 not_found');
    for (const query of ['', `project_id=${core.id}`, 'project_key=CORE', `assignee_id=${admin.id}`, 'label=gdpr', 'search=kůň']) {
      expect((await stranger.client.get(`/issues?${query}`)).body).toMatchObject({ data: [], meta: { total_count: 0, total_pages: 0 } });
    }
    expect(await stored()).toEqual(before);
  });

  it('cannot name its people, parents and milestones', async () => {
    const stranger = await world.register(facts);
    const own = await startProject(stranger.client);
    const milestone = created(await admin.client.post(`/projects/${core.id}/milestones`, { milestone: { name: 'M' } }));
    const nowhere = { assignee_id: admin.id, parent_id: issue.id, milestone_id: milestone.id };
    expect(faults(await stranger.client.post('/issues', { issue: { project_id: own.id, title: 'X', ...nowhere } }))).toBe('422 parent_id:invalid milestone_id:invalid assignee_id:invalid');
    expect(faults(await stranger.client.post('/issues', { issue: { project_id: own.id, title: 'X', parent_key: issue.key } }))).toBe('422 parent_id:invalid');
  });
});

/** The code by which a refusal is told, or the answer. */
async function told(act: Promise<unknown>): Promise<unknown> {
  return act.catch((error: unknown) => {
    if (error instanceof DomainError) return error.code;
    throw error;
  });
}

describe('whoever is bound to one project', () => {
  const PAGE = { page: 1, perPage: 25, sort: null };
  const KEY_ELSEWHERE = { projectKey: 'OTHER', number: 1 };
  const bound = (): Realm => ({ organizationId: admin.organizationId, projectId: core.id });
  const caller = () => ({ realm: bound(), userId: admin.id, reach: Scopes.all, actor: { type: 'extension', id: 1 } as const });
  const issues = () => world.instance.app.get(Issues, { strict: false });
  const comments = () => world.instance.app.get(Comments, { strict: false });
  const listed = async (filter: object) => {
    const { rows, total } = await issues().list(bound(), filter, PAGE);
    return [rows.map(({ issue: { id } }) => id), total];
  };

  it('sees, counts and finds the issues of that project alone', async () => {
    for (const filter of [{}, { projectId: core.id }, { projectKey: 'CORE' }, { search: 'kůň' }, { label: 'gdpr' }, { assigneeId: admin.id }]) expect(await listed(filter)).toEqual([[issue.id], 1]);
    for (const filter of [{ projectId: other.id }, { projectKey: 'OTHER' }]) expect(await listed(filter)).toEqual([[], 0]);
    expect((await issues().get(bound(), issue.id)).issue.id).toBe(issue.id);
    expect((await issues().get(bound(), { projectKey: 'CORE', number: 1 })).issue.id).toBe(issue.id);
  });

  it('finds no other issue, by its id or by its key, and changes none', async () => {
    const before = await stored();
    for (const ref of [elsewhere.id, KEY_ELSEWHERE]) {
      const refused = [
        issues().get(bound(), ref), issues().change(caller(), ref, { facts: { title: 'X' }, links: {} }), issues().change(caller(), ref, { facts: {}, links: { parent: null } }),
        issues().transition(caller(), ref, 'in_progress'), issues().remove(bound(), ref),
        comments().list(bound(), ref, PAGE), comments().get(bound(), ref, commentElsewhere.id), comments().add(caller(), ref, 'X'),
        comments().edit(caller(), ref, commentElsewhere.id, 'X'), comments().remove(caller(), ref, commentElsewhere.id),
      ];
      expect(await Promise.all(refused.map(told))).toEqual(refused.map(() => 'not_found'));
    }
    expect(await told(comments().get(bound(), issue.id, commentElsewhere.id))).toBe('not_found');
    expect(await stored()).toEqual(before);
  });

  it('opens issues in that project alone, whoever’s parents they name', async () => {
    const opening = (project: number | string, links: object = {}) => told(issues().open(caller(), { project, facts: { title: 'Opened' }, links }));
    expect(await opening(core.id)).toMatchObject({ projectKey: 'CORE' });
    expect(await opening('CORE', { parent: issue.id })).toMatchObject({ parentNumber: 1 });
    for (const ref of [other.id, 'OTHER']) expect(await opening(ref)).toBe('not_found');
    for (const parent of [elsewhere.id, KEY_ELSEWHERE]) expect(await opening(core.id, { parent })).toBe('validation_error');
  });

  it('comments there', async () => {
    const { comment: added } = await comments().add(caller(), issue.id, 'Bound');
    expect((await comments().list(bound(), issue.id, PAGE)).rows.map(({ comment: { body } }) => body)).toEqual(['Here', 'Bound']);
    expect((await comments().edit(caller(), issue.id, added.id, 'Edited')).comment.body).toBe('Edited');
    await comments().remove(caller(), issue.id, added.id);
    expect((await comments().list(bound(), issue.id, PAGE)).total).toBe(1);
  });
});

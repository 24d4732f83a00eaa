import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { openIssue, startProject } from './desk.js';
import { faults } from './faults.js';

let world: World;
let admin: Person;
// A project, as the API answers.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
let project: any;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  project = await startProject(admin.client, { project_key: 'CORE' });
});
afterAll(async () => {
  await world.stop();
});

const type = (key: string, label: string, name: string) => ({ key, label, name, description: null, allow_children: true });
const state = (key: string, label: string, name: string, category: string) => ({ key, label, name, category });

const IN_CZECH = {
  issue_types: [type('Epic', 'Epik', 'Epic'), type('UserStory', 'Uživatelský příběh', 'User story'), type('Task', 'Úkol', 'Task'), type('Bug', 'Chyba', 'Bug')],
  custom_fields: [],
  priorities: ['lowest', 'low', 'medium', 'high', 'highest', 'critical'],
  statuses: [
    state('backlog', 'Zásobník', 'Backlog', 'todo'), state('in_progress', 'Probíhá', 'In progress', 'doing'), state('in_review', 'Ke kontrole', 'In review', 'doing'),
    state('done', 'Hotovo', 'Done', 'done'), state('cancelled', 'Zrušeno', 'Cancelled', 'cancelled'),
  ],
};

const paths = () => [
  '/issue_schema', '/issues/schema', `/issues/schema?project_id=${project.id}`, '/issues/schema?project_id=CORE', `/issue_schema?project_id=${project.id}`,
  `/projects/${project.id}/issue_schema`, '/projects/CORE/issue_schema',
];

describe('the schema of issues', () => {
  it('is the same by each of its names, at either address', async () => {
    for (const path of paths()) {
      for (const mount of ['', '/ext']) {
        const { status, body } = await admin.client.with({ 'accept-language': 'cs' }).get(mount + path);
        expect([mount + path, status, body]).toEqual([mount + path, 200, IN_CZECH]);
      }
    }
  });

  it.each([
    ['en', ['Epic', 'User story', 'Task', 'Bug'], 'In review'],
    ['de', ['Epic', 'User Story', 'Aufgabe', 'Fehler'], 'In Prüfung'],
    ['cs', ['Epik', 'Uživatelský příběh', 'Úkol', 'Chyba'], 'Ke kontrole'],
  ])('labels in %s, and names in English', async (locale, types, review) => {
    for (const path of paths()) {
      const { body } = await admin.client.with({ 'accept-language': locale }).get(path);
      expect(body.issue_types.map(({ label }: { label: string }) => label)).toEqual(types);
      expect(body.issue_types.map(({ name }: { name: string }) => name)).toEqual(['Epic', 'User story', 'Task', 'Bug']);
      expect(body.statuses[2]).toMatchObject({ key: 'in_review', label: review, name: 'In review' });
    }
  });

  it('says what an issue takes, and nothing else', async () => {
    const { body } = await admin.client.get('/issue_schema');
    for (const { key } of body.issue_types) expect((await openIssue(admin.client, project, { issue_type: key })).issue_type).toBe(key);
    for (const priority of body.priorities) expect((await openIssue(admin.client, project, { priority })).priority).toBe(priority);
    for (const { key } of body.statuses) expect((await openIssue(admin.client, project, { status: key })).status).toBe(key);
  });

  it('of a project that is nobody’s or somebody else’s is not found', async () => {
    const stranger = await world.register();
    const theirs = await startProject(stranger.client, { project_key: 'THEIRS' });
    for (const ref of [theirs.id, 'THEIRS', 4_000_000, Number.MAX_SAFE_INTEGER, 'NOSUCH']) {
      for (const path of [`/issues/schema?project_id=${ref}`, `/issue_schema?project_id=${ref}`, `/projects/${ref}/issue_schema`]) expect([path, verdict(await admin.client.get(path))]).toEqual([path, '404 not_found']);
    }
  });

  it.each(['0', 'core', '', 'CO-RE', '18446744073709551616', "1'--", '__proto__'])('of what is no project is refused: %j', async (ref) => {
    expect(faults(await admin.client.get(`/issues/schema?project_id=${ref}`))).toBe('422 project_id:invalid');
    if (ref !== '') expect(verdict(await admin.client.get(`/projects/${ref}/issue_schema`))).toBe('404 not_found');
  });

  it('is read by viewers, and by who may read issues', async () => {
    const viewer = await world.member(admin, 'viewer');
    const reader = (await world.token(admin, { scopes: ['issues:read'] })).client;
    const other = (await world.token(admin, { scopes: ['issues:write', 'projects', 'workflows', 'admin'] })).client;
    for (const path of paths()) {
      expect([await viewer.client.get(path), await reader.get(path), await other.get(path)].map(verdict)).toEqual(['200', '200', '403 insufficient_scope']);
    }
  });
});

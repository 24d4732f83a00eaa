import pg from 'pg';
import { endRounds } from '../jobs/no-rounds.js';
import { type Person, World } from '../support/world.js';
import { created, openIssue, startProject, titles } from './desk.js';
import { faults } from './faults.js';

let world: World;
let owner: Person;
let eva: Person;
/** What a query names by a word: `{eva}`, `{core}`. */
const ids: Record<string, number> = {};
beforeAll(async () => {
  world = await World.start();
  owner = await world.register();
  eva = await world.member(owner);
  const { client } = owner;
  const core = await startProject(client, { project_key: 'CORE' });
  const plain = await startProject(client, { project_key: null });
  const milestone = created(await client.post(`/projects/${core.id}/milestones`, { milestone: { name: 'M' } }));
  const epic = await openIssue(client, core, { title: 'Žlutý kůň', issue_type: 'Epic', priority: 'high', labels: ['gdpr', 'a,b'] });
  await openIssue(client, core, { title: '100% done', status: 'done', assignee_id: eva.id, parent_id: epic.id, milestone_id: milestone.id });
  await openIssue(client, core, { title: 'snake_case \\ path', issue_type: 'Bug', priority: 'high', assignee_id: eva.id, labels: ['gdpr'], status: 'in_review' });
  await openIssue(client, plain, { title: 'Alpha', issue_type: 'UserStory', assignee_id: owner.id, labels: ['GDPR', '%'], status: 'cancelled' });
  Object.assign(ids, { core: core.id, plain: plain.id, milestone: milestone.id, epic: epic.id, eva: eva.id, owner: owner.id, nobody: 4_000_000 });

  const stranger = await world.register();
  const theirs = await startProject(stranger.client, { project_key: 'THEIRS' });
  const theirMilestone = created(await stranger.client.post(`/projects/${theirs.id}/milestones`, { milestone: { name: 'M' } }));
  const theirIssue = await openIssue(stranger.client, theirs, { title: 'Žlutý kůň of strangers', labels: ['gdpr'], assignee_id: stranger.id, milestone_id: theirMilestone.id });
  await openIssue(stranger.client, theirs, { title: 'Alpha', parent_id: theirIssue.id });
  Object.assign(ids, { theirs: theirs.id, theirMilestone: theirMilestone.id, theirIssue: theirIssue.id, stranger: stranger.id });
});
afterAll(async () => {
  await world.stop();
});

const filled = (query: string) => query.replace(/\{(\w+)\}/g, (_, name: string) => String(ids[name]));
const ALL = ['Alpha', 'snake_case \\ path', '100% done', 'Žlutý kůň'];

describe('the list', () => {
  it('holds the issues of the organization, newest first, each as it is shown alone', async () => {
    const answer = await owner.client.get('/issues');
    expect(titles(answer)).toEqual(ALL);
    expect(answer.body.meta).toEqual({ current_page: 1, per_page: 25, total_pages: 1, total_count: 4 });
    expect(Object.keys(answer.body)).toEqual(['data', 'meta']);
    for (const issue of answer.body.data) expect((await owner.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
  });

  it.each([
    ['project_id={core}', ['snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['project_id=CORE', ['snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['project_key=CORE', ['snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['project_id={plain}', ['Alpha']],
    ['project_id={core}&project_key=CORE', ['snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['project_id={plain}&project_key=CORE', []],
    ['project_id=CORE&project_key=CORE', ['snake_case \\ path', '100% done', 'Žlutý kůň']],
    ['status=backlog', ['Žlutý kůň']],
    ['status=done', ['100% done']],
    ['status=cancelled', ['Alpha']],
    ['status=in_progress', []],
    ['assignee_id={eva}', ['snake_case \\ path', '100% done']],
    ['assigned_to={eva}', ['snake_case \\ path', '100% done']],
    ['assigned_to={owner}&assignee_id={owner}', ['Alpha']],
    ['label=gdpr', ['snake_case \\ path', 'Žlutý kůň']],
    ['label=GDPR', ['Alpha']],
    ['label=gd', []],
    ['label=%25', ['Alpha']],
    ['label=a,b', ['Žlutý kůň']],
    ['label=a', []],
    ['label=%7Bgdpr%7D', []],
    ['label=%22', []],
    ['label=NULL', []],
    ['search=alp', ['Alpha']],
    ['search=ŽLUT', ['Žlutý kůň']],
    ['search=%25', ['100% done']],
    ['search=_', ['snake_case \\ path']],
    ['search=%5C', ['snake_case \\ path']],
    ['search=a%25a', []],
    ["search='%20OR%201=1--", []],
    ['search=%24%7B1%7D', []],
    ['search=:organizationId', []],
    ['issue_type=Bug', ['snake_case \\ path']],
    ['issue_type=userstory', ['Alpha']],
    ['issue_type=EPIC', ['Žlutý kůň']],
    ['issue_type=task', []],
    ['priority=high', ['snake_case \\ path', 'Žlutý kůň']],
    ['priority=low', []],
    ['parent_id={epic}', ['100% done']],
    ['milestone_id={milestone}', ['100% done']],
    ['label=gdpr&priority=high&status=in_review&assignee_id={eva}&issue_type=bug&project_key=CORE&search=snake', ['snake_case \\ path']],
    ['label=gdpr&priority=high&status=in_review&assignee_id={owner}', []],
    ['search=done&status=backlog', []],
    ['color=red&author=1', ALL],
  ])('is narrowed by %s', async (query, expected) => {
    const answer = await owner.client.get(`/issues?${filled(query)}`);
    expect([answer.status, titles(answer), answer.body.meta.total_count]).toEqual([200, expected, expected.length]);
  });

  it.each(['project_id={theirs}', 'project_id=THEIRS', 'project_key=THEIRS', 'assignee_id={stranger}', 'milestone_id={theirMilestone}', 'parent_id={theirIssue}', 'search=strangers', 'project_id={nobody}', 'assigned_to={nobody}'])(
    'is empty for what is somebody else’s: %s',
    async (query) => {
      const { status, body } = await owner.client.get(`/issues?${filled(query)}`);
      expect([status, body]).toEqual([200, { data: [], meta: { current_page: 1, per_page: 25, total_pages: 0, total_count: 0 } }]);
    },
  );

  it.each([
    ['sort=title', ['100% done', 'Alpha', 'snake_case \\ path', 'Žlutý kůň']],
    ['sort=title&order=desc', ['Žlutý kůň', 'snake_case \\ path', 'Alpha', '100% done']],
    ['sort=created_at', [...ALL].reverse()],
    ['sort=created_at&order=desc', ALL],
    ['sort=updated_at', ['100% done', 'snake_case \\ path', 'Alpha', 'Žlutý kůň']],
    ['sort=updated_at&order=desc', ['Žlutý kůň', 'Alpha', 'snake_case \\ path', '100% done']],
    ['sort=title&status=done', ['100% done']],
  ])('is ordered by %s', async (query, expected) => {
    world.clock.advance({ seconds: 1 });
    await owner.client.patch(`/issues/${ids['epic']}`, { issue: { title: 'Žlutý kůň' } });
    expect(titles(await owner.client.get(`/issues?${query}`))).toEqual(expected);
  });

  it('comes in pages that neither repeat nor skip', async () => {
    for (const order of ['', '&sort=title', '&sort=created_at&order=desc']) {
      const pages = await Promise.all([1, 2, 3].map(async (page) => owner.client.get(`/issues?per_page=3&page=${page}${order}`)));
      expect(pages.map((page) => titles(page).length)).toEqual([3, 1, 0]);
      expect(new Set(pages.flatMap(titles))).toEqual(new Set(ALL));
      expect(pages[2]?.body.meta).toEqual({ current_page: 3, per_page: 3, total_pages: 2, total_count: 4 });
    }
    expect((await owner.client.get('/issues?page=999999999&per_page=1000')).body).toEqual({ data: [], meta: { current_page: 999_999_999, per_page: 100, total_pages: 1, total_count: 4 } });
  });

  it.each([
    ['project_id=', 'project_id:invalid'],
    ['project_id=core', 'project_id:invalid'],
    ['project_id=0', 'project_id:invalid'],
    ['project_id=18446744073709551616', 'project_id:invalid'],
    ['project_key=co-re', 'project_key:invalid'],
    ['project_key=', 'project_key:blank'],
    ['project_id=CORE&project_key=PLAIN', 'project_key:mismatch'],
    ['status=open', 'status:not_in_list'],
    ['status=', 'status:not_in_list'],
    ['status=__proto__', 'status:not_in_list'],
    ['assignee_id=me', 'assignee_id:not_a_number'],
    ['assignee_id=1;DROP', 'assignee_id:not_a_number'],
    ['assigned_to=-1', 'assigned_to:not_a_number'],
    ['assignee_id=1&assigned_to=2', 'assigned_to:mismatch'],
    ['label=', 'label:blank'],
    [`label=${'x'.repeat(51)}`, 'label:too_long'],
    ['search=', 'search:blank'],
    [`search=${'x'.repeat(256)}`, 'search:too_long'],
    ['issue_type=story', 'issue_type:not_in_list'],
    ['priority=urgent', 'priority:not_in_list'],
    ['parent_id=CORE-1', 'parent_id:not_a_number'],
    ['milestone_id=x', 'milestone_id:not_a_number'],
    ['sort=id', 'sort:not_in_list'],
    ['sort=status', 'sort:not_in_list'],
    ['sort=issue.title', 'sort:not_in_list'],
    ['sort=title;DROP%20TABLE%20issues', 'sort:not_in_list'],
    ['sort=constructor', 'sort:not_in_list'],
    ['sort=title&order=up', 'order:not_in_list'],
    ['page=0', 'page:invalid'],
    ['per_page=x', 'per_page:invalid'],
    ['cursor=x', 'cursor:unexpected'],
    ['status=x&priority=y', 'status:not_in_list priority:not_in_list'],
  ])('refuses %s', async (query, fault) => {
    expect(faults(await owner.client.get(`/issues?${query}`))).toBe(`422 ${fault}`);
  });

  it('asks the database twice, for the page and for the count, however many people and parents stand on it', async () => {
    await endRounds(world.instance);
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await owner.client.get('/issues');
    const texts = query.mock.calls.map(([statement]) => String((statement as { text?: string }).text ?? statement));
    query.mockRestore();
    expect(texts.filter((text) => /"(?:issues|users|projects)"/.test(text))).toHaveLength(2);
  });
});

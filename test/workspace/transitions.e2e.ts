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
  project = await startProject(admin.client);
});
afterAll(async () => {
  await world.stop();
});

const STATES = ['backlog', 'in_progress', 'in_review', 'done', 'cancelled'];
const LEADS: Readonly<Record<string, readonly string[]>> = {
  backlog: ['in_progress', 'cancelled'],
  in_progress: ['in_review', 'backlog', 'cancelled'],
  in_review: ['done', 'in_progress', 'cancelled'],
  done: ['in_review'],
  cancelled: [],
};
const PAIRS = STATES.flatMap((from) => STATES.map((to) => [from, to, LEADS[from]?.includes(to) === true] as const));

const transition = async (id: number, state: unknown) => admin.client.post(`/issues/${id}/transition`, { transition: { state } });

describe.each(PAIRS)('from %s to %s: %s', (from, to, leads) => {
  it('by a transition', async () => {
    const issue = await openIssue(admin.client, project, { status: from });
    world.clock.advance({ seconds: 1 });
    const answer = await transition(issue.id, to);
    if (leads) {
      expect([answer.status, answer.body]).toEqual([200, { ...issue, status: to, workflow_state: to, updated_at: expect.any(String) }]);
      expect(Date.parse(answer.body.updated_at)).toBeGreaterThan(Date.parse(issue.updated_at));
    } else expect(faults(answer)).toBe('422 state:unreachable');
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(leads ? answer.body : issue);
  });

  it('by a change of its status, where the same one is no move', async () => {
    const issue = await openIssue(admin.client, project, { status: from });
    const answer = await admin.client.patch(`/issues/${issue.id}`, { issue: { status: to, title: 'Moved' } });
    if (leads || from === to) expect([answer.status, answer.body]).toEqual([200, { ...issue, title: 'Moved', status: to, workflow_state: to, updated_at: expect.any(String) }]);
    else expect(faults(answer)).toBe('422 status:unreachable');
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(leads || from === to ? answer.body : issue);
  });
});

describe('a transition', () => {
  it.each([
    [{ transition: { state: 'open' } }, 'state:not_in_list'],
    [{ transition: { state: 'In_progress' } }, 'state:not_in_list'],
    [{ transition: { state: '' } }, 'state:not_in_list'],
    [{ transition: { state: null } }, 'state:blank'],
    [{ transition: {} }, 'state:blank'],
    [{}, 'state:blank'],
    [{ transition: 'in_progress' }, 'transition:invalid'],
    [{ transition: null }, 'transition:invalid'],
    [{ transition: { state: ['in_progress'] } }, 'state:not_in_list'],
    [{ transition: { state: { $ne: 'done' } } }, 'state:not_in_list'],
    [{ transition: { state: '__proto__' } }, 'state:not_in_list'],
    [{ transition: { state: "in_progress' --" } }, 'state:not_in_list'],
    [{ transition: { to: 'in_progress', status: 'in_progress' } }, 'state:blank'],
  ])('is refused as %j', async (body, fault) => {
    const issue = await openIssue(admin.client, project);
    expect(faults(await admin.client.post(`/issues/${issue.id}/transition`, body))).toBe(`422 ${fault}`);
    expect((await admin.client.get(`/issues/${issue.id}`)).body).toEqual(issue);
  });

  it('may be sent bare, and takes nothing else along', async () => {
    const issue = await openIssue(admin.client, project);
    const { status, body } = await admin.client.post(`/issues/${issue.key}/transition`, { state: 'in_progress', title: 'Other', assignee_id: admin.id });
    expect([status, body]).toEqual([200, { ...issue, status: 'in_progress', workflow_state: 'in_progress', updated_at: expect.any(String) }]);
  });

  it('of an issue that nobody knows is a 404', async () => {
    expect(verdict(await transition(4_000_000, 'done'))).toBe('404 not_found');
    expect(verdict(await admin.client.get('/issues/1/transition'))).toBe('405 method_not_allowed');
  });

  it('says in the reader’s language that it leads nowhere', async () => {
    const { id } = await openIssue(admin.client, project);
    const message = async (locale: string) => (await admin.client.post(`/issues/${id}/transition?locale=${locale}`, { state: 'done' })).body.errors.state[0];
    expect(await message('cs')).toBe('Ze současného stavu tam nelze přejít.');
    expect(await message('de')).toBe('Von seinem jetzigen Stand aus ist dieser Schritt nicht möglich.');
    expect(await message('en')).toBe('It cannot be moved there from where it is now.');
  });

  it('that ten make at once is made by one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await openIssue(admin.client, project);
      const answers = await Promise.all(Array.from({ length: 10 }, async () => transition(id, 'in_progress')));
      expect(answers.map(faults).sort()).toEqual(['200', ...Array.from({ length: 9 }, () => '422 state:unreachable')]);
    }
  });

  it('one step forward and one step back at once: one is made, and the other is judged from there', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await openIssue(admin.client, project, { status: 'in_progress' });
      const [forward, back] = await Promise.all([transition(id, 'in_review'), admin.client.patch(`/issues/${id}`, { issue: { status: 'backlog' } })]);
      expect([faults(forward), faults(back)].sort()).toEqual([expect.stringMatching(/^200$/), expect.stringMatching(/^422 (?:state|status):unreachable$/)]);
      expect((await admin.client.get(`/issues/${id}`)).body.status).toBe(forward.status === 200 ? 'in_review' : 'backlog');
    }
  });
});

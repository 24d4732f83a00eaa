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

const STATES = [
  { key: 'backlog', label: 'Backlog', category: 'todo', initial: true, final: false },
  { key: 'in_progress', label: 'In progress', category: 'doing', initial: false, final: false },
  { key: 'in_review', label: 'In review', category: 'doing', initial: false, final: false },
  { key: 'done', label: 'Done', category: 'done', initial: false, final: true },
  { key: 'cancelled', label: 'Cancelled', category: 'cancelled', initial: false, final: true },
];
const STEPS = [
  'backlog in_progress', 'in_progress in_review', 'in_review done', 'done in_review', 'in_review in_progress', 'in_progress backlog',
  'backlog cancelled', 'in_progress cancelled', 'in_review cancelled',
];

describe('an organization’s workflow', () => {
  it('is the default one, from its founding on', async () => {
    const { status, body } = await admin.client.get('/workflows?locale=en');
    expect([status, body]).toEqual([200, {
      workflows: [{
        id: expect.any(Number), name: 'Default workflow', description: expect.stringContaining('backlog'), default: true, states: STATES, transitions: expect.any(Array),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), updated_at: body.workflows[0].created_at,
      }],
      meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 1 },
    }]);
    const [workflow] = body.workflows;
    expect(workflow.transitions.map(({ from, to }: { from: string; to: string }) => `${from} ${to}`).sort()).toEqual([...STEPS].sort());
    expect((await admin.client.get(`/workflows/${workflow.id}?locale=en`)).body).toEqual(workflow);
    for (const mounted of [await admin.client.get('/ext/workflows?locale=en'), await admin.client.get(`/ext/workflows/${workflow.id}?locale=en`)]) {
      expect([body, workflow]).toContainEqual(mounted.body);
    }
  });

  it.each([
    ['en', 'Default workflow', ['Backlog', 'In progress', 'In review', 'Done', 'Cancelled']],
    ['de', 'Standard-Workflow', ['Backlog', 'In Arbeit', 'In Prüfung', 'Erledigt', 'Abgebrochen']],
    ['cs', 'Výchozí workflow', ['Zásobník', 'Probíhá', 'Ke kontrole', 'Hotovo', 'Zrušeno']],
  ])('is labelled in %s', async (locale, name, labels) => {
    const [one] = (await admin.client.get('/workflows')).body.workflows;
    for (const answer of [await admin.client.get(`/workflows/${one.id}?locale=${locale}`), await admin.client.with({ 'accept-language': locale }).get(`/workflows/${one.id}`)]) {
      expect([answer.body.name, answer.body.states.map(({ label }: { label: string }) => label)]).toEqual([name, labels]);
      expect(answer.headers.get('content-language')).toBe(locale);
    }
  });

  it('is labelled in the caller’s own language where they ask for none, and in no other that is not spoken', async () => {
    await admin.client.put('/auth/me', { locale: 'de' });
    for (const query of ['', '?locale=fr', '?locale=__proto__']) expect((await admin.client.get(`/workflows${query}`)).body.workflows[0].name).toBe('Standard-Workflow');
  });

  it('is nobody else’s', async () => {
    const stranger = await world.register();
    const elsewhere = await world.register({ product: 'kiket' });
    const [own] = (await admin.client.get('/workflows')).body.workflows;
    for (const { client } of [stranger, elsewhere]) {
      const { workflows, meta } = (await client.get('/workflows')).body;
      expect([workflows.length, meta.total_count, workflows[0].id === own.id]).toEqual([1, 1, false]);
      expect(verdict(await client.get(`/workflows/${own.id}`))).toBe('404 not_found');
      expect(verdict(await admin.client.get(`/workflows/${workflows[0].id}`))).toBe('404 not_found');
    }
  });

  it.each(['0', '-1', '1abc', 'default', '4000000', '9007199254740993', '18446744073709551616', '__proto__', "1'--"])('is not found as %s', async (id) => {
    expect(verdict(await admin.client.get(`/workflows/${id}`))).toBe('404 not_found');
  });

  it('is listed in pages like everything else', async () => {
    expect((await admin.client.get('/workflows?page=2')).body).toEqual({ workflows: [], meta: { current_page: 2, per_page: 25, total_pages: 1, total_count: 1 } });
    expect((await admin.client.get('/workflows?sort=created_at&order=desc')).body.workflows).toHaveLength(1);
    for (const [query, fault] of [['sort=name', 'sort:not_in_list'], ['page=0', 'page:invalid'], ['cursor=1', 'cursor:unexpected']]) expect(faults(await admin.client.get(`/workflows?${query}`))).toBe(`422 ${fault}`);
  });

  it('is read by viewers and by who holds its scope, and changed by nobody', async () => {
    const [{ id }] = (await admin.client.get('/workflows')).body.workflows;
    const viewer = await world.member(admin, 'viewer');
    const reader = (await world.token(admin, { scopes: ['workflows:read'] })).client;
    for (const client of [viewer.client, reader]) for (const path of ['/workflows', `/workflows/${id}`]) expect(verdict(await client.get(path))).toBe('200');
    const writer = (await world.token(admin, { scopes: ['workflows:write', 'issues', 'admin'] })).client;
    for (const path of ['/workflows', `/workflows/${id}`]) expect(verdict(await writer.get(path))).toBe('403 insufficient_scope');
    expect([await admin.client.post('/workflows', {}), await admin.client.patch(`/workflows/${id}`, {}), await admin.client.delete(`/workflows/${id}`)].map(verdict)).toEqual(['405 method_not_allowed', '405 method_not_allowed', '405 method_not_allowed']);
  });

  it('is closed under a plan without workflows', async () => {
    const founder = await world.register({ product: 'kanzlei' });
    for (const path of ['/workflows', '/workflows/1']) expect(verdict(await founder.client.get(path))).toBe('403 feature_disabled');
  });
});

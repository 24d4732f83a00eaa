import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

let world: World;
let acme: Person;
let beta: Person;
let eva: Person;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

/** Eva is a member of Acme and a viewer of Beta. */
beforeEach(async () => {
  acme = await world.register({ organization: 'Acme' });
  beta = await world.register({ organization: 'Beta' });
  eva = await world.member(acme, 'member');
  await accept(world, (await invite(world, beta, { email: eva.email, role: 'viewer' })).token);
});

const login = async () => (await world.visitor.post('/auth/login', { email: eva.email, password: PASSWORD })).body;
const offered = async () => ((await login()).organizations as { id: number; role: string }[]).map(({ id, role }) => [id, role]);

it('a login offers each with the role held there, and opens the chosen one', async () => {
  const choice = await login();
  expect(choice).toEqual({
    select_organization: true,
    organizations: [
      { id: acme.organizationId, name: 'Acme', slug: expect.stringMatching(/^acme/), role: 'member' },
      { id: beta.organizationId, name: 'Beta', slug: expect.stringMatching(/^beta/), role: 'viewer' },
    ],
    login_token: expect.any(String),
  });
  const { status, body } = await world.visitor.post('/auth/login/select_org', { organization_id: beta.organizationId, login_token: choice.login_token });
  expect([status, body.user.id, body.organization]).toEqual([200, eva.id, expect.objectContaining({ id: beta.organizationId, role: 'viewer' })]);
});

it('a session in one switches to the other, and its sessions stand side by side', async () => {
  const { body } = await eva.client.post('/auth/switch_org', { organization_id: beta.organizationId });
  expect(body.organization).toMatchObject({ id: beta.organizationId, role: 'viewer' });
  expect((await eva.client.get('/auth/me')).body.organization.id).toBe(acme.organizationId);
  const listed = (await eva.client.get('/auth/sessions')).body.data as { organization: { id: number } }[];
  expect(new Set(listed.map(({ organization }) => organization.id))).toEqual(new Set([acme.organizationId, beta.organizationId]));
});

it('one that she founds herself stands beside them', async () => {
  const own = await world.register({ email: eva.email, organization: 'Evina firma' });
  expect(await offered()).toEqual([[acme.organizationId, 'member'], [beta.organizationId, 'viewer'], [own.organizationId, 'admin']]);
});

it('leaving one ends its sessions alone, and the next login goes straight to the other', async () => {
  const there = world.person((await eva.client.post('/auth/switch_org', { organization_id: beta.organizationId })).body);
  await beta.client.delete(`/users/${eva.id}`);
  expect(verdict(await there.client.get('/auth/me'))).toBe('401 token_revoked');
  expect(verdict(await eva.client.get('/auth/me'))).toBe('200');
  expect((await login()).organization.id).toBe(acme.organizationId);
  expect(verdict(await eva.client.post('/auth/switch_org', { organization_id: beta.organizationId }))).toBe('404 not_found');
});

it('a suspended one is neither offered nor chosen', async () => {
  const { slug } = (await beta.client.get('/auth/me')).body.organization;
  const { login_token } = await login();
  await world.instance.app.get(Operator, { strict: false }).suspendOrganization('spravce-gdpr', slug);
  expect(verdict(await world.visitor.post('/auth/login/select_org', { organization_id: beta.organizationId, login_token }))).toBe('404 not_found');
  expect((await login()).organization.id).toBe(acme.organizationId);
});

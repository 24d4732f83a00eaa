import type { Client } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

let world: World;
let admin: Person;
let member: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
  member = await world.member(admin, 'member');
});
afterAll(async () => {
  await world.stop();
});

const setRole = async (client: Client, id: number | string, role: unknown) => client.patch(`/users/${id}`, { user: { role } });
const changes = async () => world.database.sql(`SELECT actor_id, target_id, metadata FROM audit_entries WHERE action = 'role.changed' AND chain = $1`, [`organization:${admin.organizationId}`]);

it('answers the member with the new role, and stands in the audit trail once', async () => {
  const { status, body } = await setRole(admin.client, member.id, 'viewer');
  expect([status, body]).toEqual([200, {
    id: member.id, name: 'Eva Malá', email: member.email, role: 'viewer', organization_id: admin.organizationId, status: 'active',
    avatar_url: null, expertise_tags: [], historical_velocity: null, capacity: null, deactivated: false,
    created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/),
  }]);
  expect((await setRole(admin.client, member.id, 'viewer')).body).toEqual({ ...body, updated_at: expect.any(String) });
  expect(await changes()).toEqual([{ actor_id: String(admin.id), target_id: String(member.id), metadata: { from: 'member', to: 'viewer' } }]);
});

it('narrows what a living token opens on its next request, on another instance too', async () => {
  const second = await world.anotherInstance();
  const viewer = member.client.at(`${second.base}/api/v1`);
  expect((await viewer.get('/auth/me')).body.scopes).toEqual(['issues', 'projects', 'comments', 'workflows', 'users', 'notifications']);
  await setRole(admin.client, member.id, 'viewer');
  expect((await viewer.get('/auth/me')).body).toMatchObject({
    organization: { role: 'viewer' },
    scopes: ['issues:read', 'projects:read', 'comments:read', 'workflows:read', 'users:read', 'notifications:read'],
  });
});

it('takes administration from a demoted admin on the next request, on another instance too', async () => {
  const second = await world.anotherInstance();
  const deputy = await world.member(admin, 'admin');
  expect(verdict(await setRole(deputy.client, member.id, 'viewer'))).toBe('200');
  expect(verdict(await setRole(admin.client, deputy.id, 'member'))).toBe('200');
  for (const base of [second.base, world.instance.base]) {
    const client = deputy.client.at(`${base}/api/v1`);
    expect(verdict(await setRole(client, member.id, 'member'))).toBe('403 forbidden');
    expect(verdict(await client.delete(`/users/${member.id}`))).toBe('403 forbidden');
    expect(verdict(await client.get('/auth/me'))).toBe('200');
  }
});

it('gives a promoted member administration with the next refresh, and not before', async () => {
  await setRole(admin.client, member.id, 'admin');
  const early = await member.client.delete(`/users/${admin.id}`);
  expect([early.status, early.body.error, early.body.required_scopes]).toEqual([403, 'insufficient_scope', ['admin']]);
  const { body } = await world.visitor.post('/auth/refresh', { refresh_token: member.refreshToken });
  expect(verdict(await setRole(world.visitor.bearer(body.access_token), admin.id, 'member'))).toBe('200');
});

it('changes the role of one who is pending, and that is the role they get', async () => {
  const pending = await invite(world, admin, { role: 'admin' });
  const { status, body } = await setRole(admin.client, pending.member.id, 'viewer');
  expect([status, body]).toEqual([200, { ...pending.member, role: 'viewer', updated_at: expect.any(String) }]);
  const joined = await accept(world, pending.token, { password: PASSWORD });
  expect(joined.body.organization.role).toBe('viewer');
});

describe.each(['POST', 'PATCH', 'DELETE'] as const)('%s', (method) => {
  const attempt = async (client: Client) =>
    method === 'POST'
      ? client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'viewer' } })
      : client.send(method, `/users/${member.id}`, method === 'PATCH' ? { user: { role: 'viewer' } } : undefined);

  it.each(['member', 'viewer'] as const)('is not for a %s', async (role) => {
    const caller = await world.member(admin, role);
    expect(verdict(await attempt(caller.client))).toBe('403 forbidden');
    expect(verdict(await member.client.get('/auth/me'))).toBe('200');
  });

  it('is not for who brings no credential, or a refresh token', async () => {
    expect(verdict(await attempt(world.visitor))).toBe('401 authorization_required');
    expect(verdict(await attempt(world.visitor.bearer(admin.refreshToken)))).toBe('401 invalid_token_type');
  });
});

describe.each(['PATCH', 'DELETE'] as const)('%s finds', (method) => {
  const attempt = async (id: number | string) => admin.client.send(method, `/users/${id}`, method === 'PATCH' ? { user: { role: 'viewer' } } : undefined);

  it('nobody of another organization, be they active, pending or its admin', async () => {
    const stranger = await world.register();
    const theirs = [stranger.id, (await world.member(stranger)).id, (await invite(world, stranger)).member.id];
    const before = await world.database.sql('SELECT * FROM memberships WHERE organization_id = $1 ORDER BY id', [stranger.organizationId]);
    for (const id of theirs) expect(verdict(await attempt(id))).toBe('404 not_found');
    expect(await world.database.sql('SELECT * FROM memberships WHERE organization_id = $1 ORDER BY id', [stranger.organizationId])).toEqual(before);
  });

  it.each(['0', '-1', '42abc', '0x2a', '1e3', '1.0', '%20', '18446744073709551616', '9007199254740993', 'null', "1'%20OR%20'1'='1", '%00', 'self'])('nobody under %s', async (id) => {
    expect(verdict(await attempt(id))).toBe('404 not_found');
  });

  it('nobody under the id of an invitation that was accepted, nor of a member who is gone', async () => {
    const { member: pending, token } = await invite(world, admin);
    await accept(world, token, { password: PASSWORD });
    expect(verdict(await attempt(pending.id))).toBe('404 not_found');
    await admin.client.delete(`/users/${member.id}`);
    expect(verdict(await attempt(member.id))).toBe('404 not_found');
  });
});

it.each([['owner'], ['ADMIN'], [''], [null], [['admin']], [{ $ne: 'x' }], [1], [undefined]])('refuses the role %j', async (role) => {
  const { status, body } = await setRole(admin.client, member.id, role);
  expect([status, body.error, Object.keys(body.errors)]).toEqual([422, 'validation_error', ['role']]);
  expect((await member.client.get('/auth/me')).body.organization.role).toBe('member');
});

it('changes nothing but the role, whatever else the body brings', async () => {
  const extra = { id: admin.id, organization_id: 1, email: 'x@y.cz', name: 'X', admin: true, status: 'pending', email_verified: true };
  const { body } = await admin.client.patch(`/users/${member.id}`, { user: { role: 'viewer', ...extra }, ...extra });
  expect(body).toMatchObject({ id: member.id, email: member.email, name: 'Eva Malá', role: 'viewer', organization_id: admin.organizationId, status: 'active' });
});

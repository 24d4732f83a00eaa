import { invite, verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { faults } from './faults.js';

let world: World;
let admin: Person;
let member: Person;
let viewer: Person;
let pending: { id: number; email: string };
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ name: 'Žofie Nová' });
  world.clock.advance({ seconds: 1 });
  member = await world.member(admin);
  viewer = await world.member(admin, 'viewer');
  pending = (await invite(world, admin, { name: 'Adam Zvaný' })).member;
  await viewer.client.put('/auth/me', { name: 'Bára' });
});
afterAll(async () => {
  await world.stop();
});

const ids = async (query: string, { client }: Person = admin) => {
  const { status, body } = await client.get(`/users?${query}`);
  expect([status, body.meta?.total_count]).toEqual([200, body.users.length]);
  return body.users.map(({ id }: { id: number }) => id);
};

const shown = (person: { id: number; email: string }, rest: object) => ({
  id: person.id, email: person.email, organization_id: admin.organizationId, avatar_url: null, expertise_tags: [], historical_velocity: null,
  capacity: null, deactivated: false, created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/), ...rest,
});

describe('the users of an organization', () => {
  it('are its members, pending ones included, to any of them, under their own name', async () => {
    for (const { client } of [admin, member, viewer]) {
      const { status, body } = await client.get('/users');
      expect([status, body]).toEqual([200, {
        users: [
          shown(admin, { name: 'Žofie Nová', role: 'admin', status: 'active' }),
          shown(member, { name: 'Eva Malá', role: 'member', status: 'active' }),
          shown(viewer, { name: 'Bára', role: 'viewer', status: 'active' }),
          shown(pending, { name: 'Adam Zvaný', role: 'member', status: 'pending' }),
        ],
        meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 4 },
      }]);
    }
  });

  it('are each shown alone as in the list, at either address', async () => {
    const { users } = (await admin.client.get('/ext/users')).body;
    expect(users).toHaveLength(4);
    for (const user of users) for (const mount of ['', '/ext']) expect((await viewer.client.get(`${mount}/users/${user.id}`)).body).toEqual(user);
  });

  it.each<[string, () => number[]]>([
    ['role=admin', () => [admin.id]],
    ['role=member', () => [member.id, pending.id]],
    ['role=viewer', () => [viewer.id]],
    ['sort=name', () => [pending.id, viewer.id, member.id, admin.id]],
    ['sort=name&order=desc', () => [admin.id, member.id, viewer.id, pending.id]],
    ['sort=name&role=member', () => [pending.id, member.id]],
    ['sort=created_at&order=desc', () => [pending.id, viewer.id, member.id, admin.id]],
    ['sort=updated_at', () => [admin.id, member.id, viewer.id, pending.id]],
    ['email=x&status=pending', () => [admin.id, member.id, viewer.id, pending.id]],
  ])('are what %s says', async (query, expected) => {
    expect(await ids(query)).toEqual(expected());
  });

  it('come in pages, also by name', async () => {
    for (const sort of ['', '&sort=name']) {
      const pages = await Promise.all([1, 2].map(async (page) => (await admin.client.get(`/users?per_page=3&page=${page}${sort}`)).body));
      expect(pages.map(({ users }) => users.length)).toEqual([3, 1]);
      expect(pages[1].meta).toEqual({ current_page: 2, per_page: 3, total_pages: 2, total_count: 4 });
      expect(new Set(pages.flatMap(({ users }) => users.map(({ id }: { id: number }) => id))).size).toBe(4);
    }
  });

  it.each([
    ['role=owner', 'role:not_in_list'],
    ['role=', 'role:not_in_list'],
    ['sort=email', 'sort:not_in_list'],
    ['order=up', 'order:not_in_list'],
    ['page=0', 'page:invalid'],
  ])('refuse %s', async (query, fault) => {
    expect(faults(await admin.client.get(`/users?${query}`))).toBe(`422 ${fault}`);
  });

  it.each(['0', '42abc', '0x2a', '-1', '1.0', '18446744073709551616', '999999', 'me', '%00', '__proto__'])('hold nobody under %s', async (id) => {
    expect(verdict(await admin.client.get(`/users/${id}`))).toBe('404 not_found');
  });

  it.each(['spravce-gdpr', 'kiket'])('are strangers to an organization on %s, and the reverse', async (product) => {
    const stranger = await world.register({ product });
    expect(await ids('', stranger)).toEqual([stranger.id]);
    for (const { id } of [admin, member, pending]) expect(verdict(await stranger.client.get(`/users/${id}`))).toBe('404 not_found');
    expect(verdict(await admin.client.get(`/users/${stranger.id}`))).toBe('404 not_found');
  });

  it('show of a pending one what the inviter typed, though the person is known elsewhere', async () => {
    const known = await world.register({ name: 'Real Name' });
    const inviter = await world.register();
    const { member: invited } = await invite(world, inviter, { email: known.email, name: 'Typed Name' });
    const { body } = await inviter.client.get(`/users/${invited.id}`);
    expect(body).toMatchObject({ id: invited.id, name: 'Typed Name', email: known.email, status: 'pending', organization_id: inviter.organizationId });
    expect(body.id).not.toBe(known.id);
    expect(verdict(await inviter.client.get(`/users/${known.id}`))).toBe('404 not_found');
  });
});

describe('somebody whose membership ended', () => {
  it('is no user any more: neither found nor listed nor counted', async () => {
    const leaver = await world.member(admin);
    const withdrawn = (await invite(world, admin)).member;
    expect(await ids('role=member')).toEqual([member.id, pending.id, leaver.id, withdrawn.id]);
    for (const { id } of [leaver, withdrawn]) {
      await admin.client.delete(`/users/${id}`);
      expect(verdict(await admin.client.get(`/users/${id}`))).toBe('404 not_found');
    }
    expect(await ids('role=member')).toEqual([member.id, pending.id]);
    expect(verdict(await leaver.client.get('/users/current'))).toBe('401 token_revoked');
  });
});

it('a disabled user is shown as deactivated', async () => {
  const { id } = await world.member(admin);
  await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
  expect((await admin.client.get(`/users/${id}`)).body).toMatchObject({ deactivated: true, status: 'active' });
  await admin.client.delete(`/users/${id}`);
});

describe('/users/current', () => {
  it('is the caller themselves, as the list shows them, at either address', async () => {
    for (const { client, id } of [admin, member, viewer]) {
      const { status, body } = await client.get('/users/current');
      expect([status, body.id]).toEqual([200, id]);
      expect((await client.get(`/users/${id}`)).body).toEqual(body);
      expect((await client.get('/ext/users/current')).body).toEqual(body);
    }
  });

  it('is open whatever the plan holds, and the list is not', async () => {
    const outsider = await world.register({ product: 'kanzlei' });
    expect((await outsider.client.get('/users/current')).body).toMatchObject({ id: outsider.id, role: 'admin', organization_id: outsider.organizationId });
    for (const path of ['/users', `/users/${outsider.id}`, '/users/1']) expect(verdict(await outsider.client.get(path))).toBe('403 feature_disabled');
  });

  it('answers in the organization that the token is for', async () => {
    const host = await world.register();
    const { token } = await invite(world, host, { email: member.email, name: 'Guest', role: 'viewer' });
    const { body } = await world.visitor.post('/auth/accept_invitation', { token });
    const guest = world.person(body);
    expect((await guest.client.get('/users/current')).body).toMatchObject({ id: member.id, role: 'viewer', organization_id: host.organizationId });
    expect((await member.client.get('/users/current')).body).toMatchObject({ id: member.id, role: 'member', organization_id: admin.organizationId });
  });
});

it('without a credential nobody is shown', async () => {
  for (const path of ['/users', '/users/current', `/users/${admin.id}`, '/ext/users']) expect(verdict(await world.visitor.get(path))).toBe('401 authorization_required');
});

it('a lapsed subscription still lets people read who they are', async () => {
  const owner = await world.register({ product: 'paid-only' });
  expect(await ids('', owner)).toEqual([owner.id]);
  expect((await owner.client.get(`/users/${owner.id}`)).body.id).toBe(owner.id);
  expect((await owner.client.get('/users/current')).body.id).toBe(owner.id);
  expect(verdict(await owner.client.get('/projects'))).toBe('403 subscription_inactive');
});

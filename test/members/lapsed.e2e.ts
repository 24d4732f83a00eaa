import { type Person, World } from '../support/world.js';
import { invite, verdict } from './invitations.js';

let world: World;
let admin: Person;
let member: Person;
let viewer: Person;
let pendingId: number;

beforeAll(async () => {
  world = await World.start();
  const founder = await world.register();
  const [first, second] = [await world.member(founder), await world.member(founder, 'viewer')];
  pendingId = (await invite(world, founder)).member.id as number;
  // The trial is over; a token lives an hour.
  world.clock.advance({ days: 14 });
  [admin, member, viewer] = [await world.login(founder.email), await world.login(first.email), await world.login(second.email)];
});
afterAll(async () => {
  await world.stop();
});

describe('while the subscription has lapsed', () => {
  it('nobody is invited and no role changes', async () => {
    const before = await world.database.sql('SELECT * FROM memberships ORDER BY id');
    expect(verdict(await admin.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }))).toBe('403 subscription_inactive');
    expect(verdict(await admin.client.patch(`/users/${member.id}`, { user: { role: 'viewer' } }))).toBe('403 subscription_inactive');
    expect(await world.database.sql('SELECT * FROM memberships ORDER BY id')).toEqual(before);
  });

  it('members can still be removed, by an admin alone, and never the last one', async () => {
    expect(verdict(await viewer.client.delete(`/users/${member.id}`))).toBe('403 forbidden');
    expect(verdict(await admin.client.delete(`/users/${admin.id}`))).toBe('422 last_admin');
    expect(verdict(await admin.client.delete(`/users/${member.id}`))).toBe('204');
    expect(verdict(await admin.client.delete(`/users/${pendingId}`))).toBe('204');
    expect(verdict(await member.client.get('/auth/me'))).toBe('401 token_revoked');
  });
});

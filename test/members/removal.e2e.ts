import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

async function expectDead({ client, refreshToken }: Person): Promise<void> {
  expect(verdict(await client.get('/auth/me'))).toBe('401 token_revoked');
  expect(verdict(await client.post('/auth/refresh', { refresh_token: refreshToken }))).toBe('401 token_revoked');
}

it('ends the member’s sessions at once, on every instance', async () => {
  const second = await world.anotherInstance();
  const member = await world.member(admin);
  const again = await world.login(member.email);
  expect(verdict(await again.client.at(`${second.base}/api/v1`).get('/auth/me'))).toBe('200');
  const answer = await admin.client.delete(`/users/${member.id}`);
  expect([answer.status, answer.body]).toEqual([204, '']);
  expect(verdict(await again.client.at(`${second.base}/api/v1`).get('/auth/me'))).toBe('401 token_revoked');
  await expectDead(member);
  await expectDead(again);
});

it('leaves the person who they are: nowhere on this product any more, but as before elsewhere', async () => {
  const member = await world.member(admin);
  const elsewhere = await world.register({ email: member.email, product: 'kanzlei' });
  const beside = await world.member(await world.register(), 'admin', world.freshEmail());
  await admin.client.delete(`/users/${member.id}`);
  expect(verdict(await elsewhere.client.get('/auth/me'))).toBe('200');
  expect(verdict(await beside.client.get('/auth/me'))).toBe('200');
  expect(verdict(await world.visitor.post('/auth/login', { email: member.email, password: PASSWORD }))).toBe('422 no_organization');
});

it('is not found a second time', async () => {
  const member = await world.member(admin);
  expect(verdict(await admin.client.delete(`/users/${member.id}`))).toBe('204');
  expect(verdict(await admin.client.delete(`/users/${member.id}`))).toBe('404 not_found');
});

it('happens once of ten at once, and is recorded once', async () => {
  const member = await world.member(admin);
  const verdicts = (await Promise.all(Array.from({ length: 10 }, async () => admin.client.delete(`/users/${member.id}`)))).map(verdict);
  expect(verdicts.sort()).toEqual(['204', ...Array<string>(9).fill('404 not_found')]);
  const events = await world.database.sql(`SELECT id FROM audit_entries WHERE action = 'user.removed' AND target_id = $1`, [String(member.id)]);
  expect(events).toHaveLength(1);
});

it('is open to an admin for themselves, while another one stays', async () => {
  const deputy = await world.member(admin, 'admin');
  expect(verdict(await deputy.client.delete(`/users/${deputy.id}`))).toBe('204');
  await expectDead(deputy);
});

it('leaves no session behind that a login opened in the same moment', async () => {
  const second = await world.anotherInstance();
  for (let round = 0; round < 5; round += 1) {
    const member = await world.member(admin);
    const login = world.visitor.at(`${second.base}/api/v1`).post('/auth/login', { email: member.email, password: PASSWORD });
    const [, answer] = await Promise.all([admin.client.delete(`/users/${member.id}`), login]);
    if (answer.status === 200) await expectDead(world.person(answer.body));
    else expect(verdict(answer)).toBe('422 no_organization');
  }
});

describe('a member who returns', () => {
  it('brings no old session and no old token back, neither when invited nor when they accept', async () => {
    const member = await world.member(admin);
    const { body: renewed } = await world.visitor.post('/auth/refresh', { refresh_token: member.refreshToken });
    const latest = { ...member, refreshToken: renewed.refresh_token as string, client: world.visitor.bearer(renewed.access_token) };
    await admin.client.delete(`/users/${member.id}`);
    const { token } = await invite(world, admin, { email: member.email, role: 'viewer' });
    await expectDead(latest);
    const back = world.person((await accept(world, token)).body);
    expect(back.id).toBe(member.id);
    await expectDead(latest);
    await expectDead(member);
    expect((await back.client.get('/auth/sessions')).body.meta.total_count).toBe(1);
    expect((await back.client.get('/auth/me')).body.organization.role).toBe('viewer');
  });
});

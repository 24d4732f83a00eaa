import { Operator } from '../../apps/api/src/headless-auth/index.js';
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

const operator = () => world.instance.app.get(Operator, { strict: false });
const acceptance = async (token: string) => verdict(await accept(world, token, { password: PASSWORD }));

async function slug(): Promise<string> {
  return (await admin.client.get('/auth/me')).body.organization.slug as string;
}

it('a withdrawn invitation is dead', async () => {
  const { member, token } = await invite(world, admin);
  expect(verdict(await admin.client.delete(`/users/${member.id}`))).toBe('204');
  expect(await acceptance(token)).toBe('422 invalid_invitation');
});

it('a withdrawn one is either withdrawn or accepted when both happen at once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { member, token } = await invite(world, admin);
    const outcome = await Promise.all([admin.client.delete(`/users/${member.id}`), accept(world, token, { password: PASSWORD })]);
    expect(['204,422 invalid_invitation', '404 not_found,200']).toContain(outcome.map(verdict).join());
  }
});

it('waits while the organization is suspended', async () => {
  const { token } = await invite(world, admin);
  const name = await slug();
  await operator().suspendOrganization('spravce-gdpr', name);
  expect(await acceptance(token)).toBe('422 invalid_invitation');
  await operator().resumeOrganization('spravce-gdpr', name);
  expect(await acceptance(token)).toBe('200');
});

it('waits while its account is disabled, and opens no session for it', async () => {
  const eva = await world.register();
  const { token } = await invite(world, admin, { email: eva.email });
  await operator().disableUser(eva.email);
  expect(await acceptance(token)).toBe('422 invalid_invitation');
  await operator().enableUser(eva.email);
  expect(await acceptance(token)).toBe('200');
});

it('waits while the product is inactive', async () => {
  const other = await world.register({ product: 'kanzlei' });
  const { token } = await invite(world, other);
  await world.database.sql(`UPDATE products SET active = false WHERE slug = 'kanzlei'`);
  expect(await acceptance(token)).toBe('422 invalid_invitation');
  await world.database.sql(`UPDATE products SET active = true WHERE slug = 'kanzlei'`);
  expect(await acceptance(token)).toBe('200');
});

it('outlives the inviter, who may have left', async () => {
  const second = await world.member(admin, 'admin');
  const { token } = await invite(world, second);
  expect(verdict(await admin.client.delete(`/users/${second.id}`))).toBe('204');
  expect(await acceptance(token)).toBe('200');
});

it('is good for a week, to the minute', async () => {
  const { token } = await invite(world, admin);
  const late = await invite(world, admin);
  world.clock.advance({ days: 6, hours: 23, minutes: 59 });
  expect(await acceptance(token)).toBe('200');
  world.clock.advance({ minutes: 1 });
  expect(await acceptance(late.token)).toBe('422 invalid_invitation');
});

it('is good for a week more when it was sent again', async () => {
  const first = await invite(world, admin);
  world.clock.advance({ days: 8 });
  const again = await invite(world, await world.login(admin.email), { email: first.mail.recipients[0] ?? '' });
  expect(again.member.id).toBe(first.member.id);
  expect(await acceptance(first.token)).toBe('422 invalid_invitation');
  expect(await acceptance(again.token)).toBe('200');
});

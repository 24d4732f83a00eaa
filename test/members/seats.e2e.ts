import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

/** Of this product's plan two people may use it. */
const SMALL = 'kanzlei';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register({ product: SMALL });
});
afterAll(async () => {
  await world.stop();
});

const ask = async (email = world.freshEmail()) => admin.client.post('/users', { user: { email, name: 'Eva', role: 'member' } });

it('counts who is pending, and says so when the plan is full', async () => {
  expect(verdict(await ask())).toBe('201');
  const { status, body } = await ask();
  expect([status, body.error, body.message]).toEqual([422, 'limit_reached', 'Die zulässige Anzahl ist erreicht.']);
});

it('lets the last seat be taken by its own invitation', async () => {
  const { token } = await invite(world, admin);
  expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe('200');
  expect(verdict(await ask())).toBe('422 limit_reached');
});

it('sends a new link to who holds the last seat', async () => {
  const email = world.freshEmail();
  expect(verdict(await ask(email))).toBe('201');
  expect(verdict(await ask(email))).toBe('201');
});

it.each(['pending', 'active'])('frees the seat of a removed member who was %s', async (state) => {
  const { member, token } = await invite(world, admin);
  const id = state === 'pending' ? member.id : (await accept(world, token, { password: PASSWORD })).body.user.id;
  expect(verdict(await admin.client.delete(`/users/${id}`))).toBe('204');
  expect(verdict(await ask())).toBe('201');
});

it('gives the last seat to one of ten who are invited at once', async () => {
  const verdicts = (await Promise.all(Array.from({ length: 10 }, async () => ask()))).map(verdict);
  expect(verdicts.sort()).toEqual(['201', ...Array<string>(9).fill('422 limit_reached')]);
});

it('gives one seat to one person who is invited ten times at once, and the last link is good', async () => {
  const email = world.freshEmail();
  const answers = await Promise.all(Array.from({ length: 10 }, async () => ask(email)));
  expect(new Set(answers.map(verdict))).toEqual(new Set(['201']));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const rows = await world.database.sql('SELECT id FROM memberships WHERE invited_email = $1', [email]);
  expect(rows).toHaveLength(1);
});

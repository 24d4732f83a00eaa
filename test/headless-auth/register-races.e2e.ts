import { PASSWORD, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
  // Until the queue has seen how cheap a hash is in this world: it begins with the price of a real one.
  for (let time = 0; time < 15; time += 1) await world.register();
});
afterAll(async () => {
  await world.stop();
});

const register = (facts: object) => world.visitor.post('/auth/register', { password: PASSWORD, name: 'Jan Novak', ...facts });

async function count(table: string, condition: string, values: unknown[]): Promise<number> {
  const [row] = await world.database.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${table} WHERE ${condition}`, values);
  return row?.count ?? -1;
}

describe('twenty registrations at once with one email', () => {
  it('of the same organization make one user and one organization, and all of them get in', async () => {
    const email = world.freshEmail();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register({ email, organization_name: 'Dvojklik' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => `${body.user.id}/${body.organization.id}`)).size).toBe(1);
    expect(await count('users', 'canonical_email = $1', [email])).toBe(1);
    expect(await count('memberships', 'user_id = $1', [answers[0]?.body.user.id])).toBe(1);
    expect(await count('subscriptions', 'organization_id = $1', [answers[0]?.body.organization.id])).toBe(1);
  });

  it('of twenty organizations make one user with twenty organizations', async () => {
    const email = world.freshEmail();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => register({ email, organization_name: `Pobočka ${index}` })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.user.id as number)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.organization.slug as string)).size).toBe(20);
  });

  it('with twenty passwords make one user, whose password is the one that got in', async () => {
    const email = world.freshEmail();
    const passwords = Array.from({ length: 20 }, (_, index) => `SecurePass-${index}`);
    const answers = await Promise.all(passwords.map((password) => register({ email, password, organization_name: 'Závod' })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => ![201, 401, 429].includes(status))).toEqual([]);
    expect(await count('users', 'canonical_email = $1', [email])).toBe(1);
    await world.database.sql('DELETE FROM attempts');
    const login = await world.visitor.post('/auth/login', { email, password: passwords[statuses.indexOf(201)] });
    expect(login.status).toBe(200);
  });

  it('in many spellings of the email make one user', async () => {
    const email = world.freshEmail();
    const spellings = Array.from({ length: 20 }, (_, index) => [email, email.toUpperCase(), ` ${email}`, `${email}\t`][index % 4]);
    const answers = await Promise.all(spellings.map((spelling) => register({ email: spelling, organization_name: 'Pravopis' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.user.id as number)).size).toBe(1);
  });
});

describe('a double click', () => {
  it('within ten minutes finds the same organization, and later founds another', async () => {
    const facts = { email: world.freshEmail(), organization_name: 'Acme s.r.o.' };
    const first = await register(facts);
    world.clock.advance({ minutes: 9 });
    const second = await register(facts);
    expect(second.body.organization).toEqual(first.body.organization);
    expect(second.body.access_token).not.toBe(first.body.access_token);
    world.clock.advance({ minutes: 2 });
    const third = await register(facts);
    expect(third.body.organization.id).not.toBe(first.body.organization.id);
    expect(third.body.organization.name).toBe('Acme s.r.o.');
  });

  it('of a known person finds the same organization, also twenty times at once', async () => {
    const { email, id } = await world.register();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register({ email, organization_name: 'Druhá firma' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.organization.id as number)).size).toBe(1);
    expect(await count('memberships', 'user_id = $1', [id])).toBe(2);
  });

  it('on another product founds another organization', async () => {
    const facts = { email: world.freshEmail(), organization_name: 'Acme s.r.o.' };
    const here = await register(facts);
    const there = await world.visitor.product('kanzlei').post('/auth/register', { ...facts, password: PASSWORD, name: 'Jan Novak' });
    expect(there.body.user.id).toBe(here.body.user.id);
    expect(there.body.organization.id).not.toBe(here.body.organization.id);
  });

  it('of another person founds another organization, under a slug of its own', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => register({ email: world.freshEmail(), organization_name: 'Stejná' })));
    expect(first?.body.organization.id).not.toBe(second?.body.organization.id);
    expect([first, second].map((answer) => answer?.body.organization.slug as string).sort()).toEqual(['stejna', 'stejna-2']);
  });
});

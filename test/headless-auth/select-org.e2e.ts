import type { Answer } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

/** Somebody with two organizations on the product. */
async function twice(): Promise<[Person, Person]> {
  const first = await world.register();
  return [first, await world.register({ email: first.email })];
}

async function ticketOf({ email }: Person): Promise<string> {
  const { body } = await world.visitor.post('/auth/login', { email, password: PASSWORD });
  return body.login_token as string;
}

const select = (organizationId: unknown, loginToken: unknown, product?: string): Promise<Answer> =>
  (product === undefined ? world.visitor : world.visitor.product(product)).post('/auth/login/select_org', {
    organization_id: organizationId,
    login_token: loginToken,
  });
const told = ({ status, body }: Answer) => [status, body.error];
const good = [200, undefined];

describe('a login with several organizations', () => {
  it('answers them and a ticket, and no session', async () => {
    const [first, second] = await twice();
    const { status, body } = await world.visitor.post('/auth/login', { email: first.email, password: PASSWORD });
    const choice = (organizationId: number) => ({ id: organizationId, name: expect.any(String), slug: expect.any(String), role: 'admin' });
    expect([status, body]).toEqual([
      200,
      {
        select_organization: true,
        organizations: [choice(first.organizationId), choice(second.organizationId)],
        login_token: expect.stringMatching(/^klt_[0-9a-f]{48}$/),
      },
    ]);
    expect(await sessionsOf(first)).toBe(2);
  });

  it('opens the chosen one with its ticket, in the shape of a login', async () => {
    const [, second] = await twice();
    const { status, body } = await select(second.organizationId, await ticketOf(second));
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(
      ['access_token', 'refresh_token', 'token_type', 'expires_in', 'user', 'organization', 'subscription'].sort(),
    );
    expect(body.organization.id).toBe(second.organizationId);
  });

  it('opens it with the credentials again, without a ticket', async () => {
    const [first] = await twice();
    const answer = await world.visitor.post('/auth/login/select_org', { organization_id: first.organizationId, email: first.email, password: PASSWORD });
    expect([answer.status, answer.body.organization?.id]).toEqual([200, first.organizationId]);
  });
});

describe('a ticket', () => {
  it('is redeemed once', async () => {
    const [first, second] = await twice();
    const ticket = await ticketOf(first);
    expect(told(await select(first.organizationId, ticket))).toEqual(good);
    for (const { organizationId } of [first, second]) expect(told(await select(organizationId, ticket))).toEqual([401, 'invalid_token']);
  });

  it('brought twenty times at once opens exactly one session', async () => {
    const [first] = await twice();
    const ticket = await ticketOf(first);
    const answers = await Promise.all(Array.from({ length: 20 }, () => select(first.organizationId, ticket)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)]);
    expect(await sessionsOf(first)).toBe(3);
  });

  it('is good for five minutes', async () => {
    const [first] = await twice();
    await world.clock.standing(async () => {
      const [early, late] = [await ticketOf(first), await ticketOf(first)];
      world.clock.advance({ minutes: 4, seconds: 59 });
      expect(told(await select(first.organizationId, early))).toEqual(good);
      world.clock.advance({ seconds: 1 });
      expect(told(await select(first.organizationId, late))).toEqual([401, 'invalid_token']);
    });
  });

  const strays: [string, (person: Person) => Promise<number>][] = [
    ["somebody else's", async () => (await world.register()).organizationId],
    ["the person's own on another product", async ({ email }) => (await world.register({ email, product: 'kanzlei' })).organizationId],
    ['one that does not exist', async () => 999_999_999],
  ];
  it.each(strays)('for an organization that is %s is not_found, and stays good', async (_, stray) => {
    const [first] = await twice();
    const ticket = await ticketOf(first);
    expect(told(await select(await stray(first), ticket))).toEqual([404, 'not_found']);
    expect(told(await select(first.organizationId, ticket))).toEqual(good);
  });

  it('of one product opens nothing on another, and stays good on its own', async () => {
    const [first] = await twice();
    const elsewhere = await world.register({ email: first.email, product: 'kanzlei' });
    const ticket = await ticketOf(first);
    expect(told(await select(elsewhere.organizationId, ticket, 'kanzlei'))).toEqual([401, 'invalid_token']);
    expect(told(await select(first.organizationId, ticket))).toEqual(good);
  });

  it('is neither a bearer token nor a refresh token', async () => {
    const [first] = await twice();
    const ticket = await ticketOf(first);
    expect(told(await world.visitor.bearer(ticket).get('/auth/me'))).toEqual([401, 'invalid_token']);
    expect(told(await world.visitor.post('/auth/refresh', { refresh_token: ticket }))).toEqual([401, 'invalid_token']);
    expect(told(await select(first.organizationId, ticket))).toEqual(good);
  });

  it('dies with the password that it was given for', async () => {
    const [first] = await twice();
    const ticket = await ticketOf(first);
    const changed = await first.client.put('/auth/me', { password: 'NewPass456!', current_password: PASSWORD });
    expect(changed.status).toBe(200);
    expect(told(await select(first.organizationId, ticket))).toEqual([401, 'invalid_token']);
  });

  it('of a user who was disabled meanwhile opens nothing', async () => {
    const [first] = await twice();
    const ticket = await ticketOf(first);
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [first.id]);
    expect(told(await select(first.organizationId, ticket))).toEqual([401, 'invalid_token']);
  });

  it.each([
    ['no ticket and no credentials', 7, undefined, 422],
    ['an empty ticket', 7, '', 422],
    ['a ticket that is a list', 7, ['klt_'], 422],
    ['a made-up ticket', 7, `klt_${'0'.repeat(48)}`, 401],
    ['a text of another kind', 7, 'eyJhbGciOiJub25lIn0.e30.', 401],
    ['no organization', undefined, `klt_${'0'.repeat(48)}`, 422],
    ['an id with letters', '42abc', `klt_${'0'.repeat(48)}`, 422],
    ['an id of 2^64', '18446744073709551616', `klt_${'0'.repeat(48)}`, 422],
    ['a list of ids', [7], `klt_${'0'.repeat(48)}`, 422],
    ['SQL', '7 OR 1=1', `klt_${'0'.repeat(48)}`, 422],
  ])('%s is refused', async (_, organizationId, ticket, status) => {
    expect((await select(organizationId, ticket)).status).toBe(status);
  });
});

async function sessionsOf({ id }: Person): Promise<number> {
  const [row] = await world.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM sessions WHERE user_id = $1', [id]);
  return row?.count ?? -1;
}

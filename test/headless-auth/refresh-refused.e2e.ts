import { type Person, PRODUCT, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const caller = () => world.stranger;
const refresh = (token: unknown, headers: Record<string, string> = {}) => caller().with(headers).post('/api/v1/auth/refresh', { refresh_token: token });

describe('a refused refresh', () => {
  const tries: [string, (person: Person) => ReturnType<typeof refresh>, number, string][] = [
    ["under another product's slug", (person) => refresh(person.refreshToken, { 'x-product-slug': 'kanzlei' }), 401, 'invalid_token'],
    ['under an unknown slug', (person) => refresh(person.refreshToken, { 'x-product-slug': 'nobody' }), 401, 'invalid_token'],
    ['with the access token', (person) => refresh(person.accessToken), 401, 'invalid_token_type'],
    ['with a changed signature', (person) => refresh(spoilt(person.refreshToken)), 401, 'invalid_token'],
    ['with what is no token', () => refresh('klt_0000'), 401, 'invalid_token'],
    ['with an empty token', () => refresh(''), 422, 'validation_error'],
    ['with a list of tokens', (person) => refresh([person.refreshToken]), 422, 'validation_error'],
    ['with the token as an object', (person) => refresh({ token: person.refreshToken }), 422, 'validation_error'],
    ['with no token', () => refresh(undefined), 422, 'validation_error'],
    ['with the token in the query', (person) => caller().post(`/api/v1/auth/refresh?refresh_token=${person.refreshToken}`, {}), 422, 'validation_error'],
    ['with the refresh token as a bearer', (person) => caller().bearer(person.refreshToken).get('/api/v1/auth/me'), 401, 'invalid_token_type'],
  ];

  it.each(tries)('%s consumes nothing and ends nothing', async (_, attempt, status, code) => {
    const person = await world.register();
    const answer = await attempt(person);
    expect([answer.status, answer.body.error]).toEqual([status, code]);
    expect((await person.client.get('/auth/me')).status).toBe(200);
    const before = await rotations(person);
    expect(before).toBe(0);
    expect((await refresh(person.refreshToken, { 'x-product-slug': PRODUCT })).status).toBe(200);
  });

  it('of an inactive subscription is not consumed, and works again when the customer has paid', async () => {
    const person = await world.register();
    await subscribe(person, 'unpaid');
    const { status, body } = await refresh(person.refreshToken);
    expect([status, body.error]).toEqual([403, 'subscription_inactive']);
    expect(await rotations(person)).toBe(0);
    await subscribe(person, 'active');
    expect((await refresh(person.refreshToken)).status).toBe(200);
  });

  it('of a repeat under an inactive subscription gives no pair away either', async () => {
    const person = await world.register();
    await refresh(person.refreshToken);
    await subscribe(person, 'canceled');
    expect((await refresh(person.refreshToken)).body.error).toBe('subscription_inactive');
  });

  it('of a stolen token ends the session even while a bill is open', async () => {
    const person = await world.register();
    const { body } = await refresh(person.refreshToken);
    await refresh(body.refresh_token);
    await subscribe(person, 'unpaid');
    expect((await refresh(person.refreshToken)).body.error).toBe('token_revoked');
    expect((await person.client.get('/auth/me')).body.error).toBe('token_revoked');
  });

  it('a trial that is over refuses as any inactive subscription, and a token of thirty days is expired', async () => {
    const person = await world.register();
    world.clock.advance({ days: 14, seconds: 1 });
    expect((await refresh(person.refreshToken)).body.error).toBe('subscription_inactive');
    world.clock.advance({ days: 16 });
    expect((await refresh(person.refreshToken)).body.error).toBe('token_expired');
  });

  it('after a logout is token_revoked, also for the repeat that a moment ago was answered', async () => {
    const person = await world.register();
    const { body } = await refresh(person.refreshToken);
    expect((await person.client.post('/auth/logout')).status).toBe(204);
    for (const token of [person.refreshToken, body.refresh_token]) expect((await refresh(token)).body.error).toBe('token_revoked');
  });
});

function spoilt(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

async function rotations({ id }: Person): Promise<number> {
  const [row] = await world.database.sql<{ count: number }>('SELECT count(rotated_at)::int AS count FROM sessions WHERE user_id = $1', [id]);
  return row?.count ?? -1;
}

async function subscribe({ organizationId }: Person, status: string): Promise<void> {
  await world.database.sql('UPDATE subscriptions SET status = $2 WHERE organization_id = $1', [organizationId, status]);
}

import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { scopes: string[] };

/** What stays open so that the customer can pay, and what does not. */
async function expectLapsed({ client, refreshToken, accessToken }: Person): Promise<void> {
  const { status, body } = await client.get('/auth/me');
  expect([status, body.scopes, body.subscription]).toEqual([200, [], expect.objectContaining({ status: 'incomplete', can_use_features: false })]);
  expect(claims(accessToken).scopes).toEqual([]);
  expect(verdict(await client.put('/auth/me', { name: 'Jan Novak Jr.' }))).toBe('200');
  expect(verdict(await client.get('/auth/sessions'))).toBe('200');
  expect(verdict(await client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }))).toBe('403 subscription_inactive');
  expect(verdict(await client.post('/auth/refresh', { refresh_token: refreshToken }))).toBe('403 subscription_inactive');
}

it('without a trial a subscription begins incomplete, and login goes on', async () => {
  const customer = await world.register({ product: 'paid-only' });
  await expectLapsed(customer);
  await expectLapsed(await world.login(customer.email, undefined, 'paid-only'));
});

describe('a trial', () => {
  it('opens the plan’s scopes until it is over, and then nothing but paying', async () => {
    const customer = await world.register();
    const { body: before } = await customer.client.get('/auth/me');
    expect(before.subscription).toMatchObject({ plan_tier: 'team', status: 'trialing', can_use_features: true });
    expect(claims(customer.accessToken).scopes).toEqual(['issues', 'projects', 'comments', 'workflows', 'users', 'notifications', 'admin']);

    world.clock.advance({ days: 13, hours: 23, minutes: 55 });
    const late = await world.login(customer.email);
    expect((await late.client.get('/auth/me')).body.subscription.status).toBe('trialing');
    world.clock.advance({ minutes: 5 });
    const { body: after } = await late.client.get('/auth/me');
    expect([after.scopes, after.subscription]).toEqual([[], { ...before.subscription, status: 'incomplete', can_use_features: false }]);
    expect(verdict(await late.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }))).toBe('403 subscription_inactive');
    await expectLapsed(await world.login(customer.email));
  });

  it('that is over consumes no refresh token: once paid, the same one works', async () => {
    const customer = await world.register();
    world.clock.advance({ days: 14 });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: customer.refreshToken }))).toBe('403 subscription_inactive');
    }
    await world.database.sql(`UPDATE subscriptions SET status = 'active' WHERE organization_id = $1`, [customer.organizationId]);
    const { status, body } = await world.visitor.post('/auth/refresh', { refresh_token: customer.refreshToken });
    expect([status, claims(body.access_token).scopes]).toEqual([200, ['issues', 'projects', 'comments', 'workflows', 'users', 'notifications', 'admin']]);
  });
});

it.each([
  ['trialing', true],
  ['active', true],
  ['past_due', true],
  ['incomplete', false],
  ['canceled', false],
  ['unpaid', false],
])('a subscription that is %s opens features: %s', async (status, opens) => {
  const customer = await world.register();
  await world.database.sql('UPDATE subscriptions SET status = $2 WHERE organization_id = $1', [customer.organizationId, status]);
  const { body } = await customer.client.get('/auth/me');
  expect([body.subscription.status, body.subscription.can_use_features, body.scopes.length > 0]).toEqual([status, opens, opens]);
});

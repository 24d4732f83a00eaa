import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { billingWorld, deliver, SECRET_KEY, settled, stripeEvent, stripeSubscription } from './billing-world.js';
import type { StripeServer } from './stripe-server.js';

let world: World;
let stripe: StripeServer;
beforeAll(async () => {
  ({ world, stripe } = await billingWorld());
});
afterAll(async () => {
  await world.stop();
  await stripe.stop();
});
beforeEach(() => {
  stripe.calls.length = 0;
  stripe.failsWith = null;
  stripe.delayMs = 0;
});

const APP = 'https://app.spravce-gdpr.cz';
const order = (more: object = {}) => ({ plan_tier: 'agency', success_url: `${APP}/thanks?session={CHECKOUT_SESSION_ID}`, cancel_url: `${APP}/plans`, ...more });
const buy = async ({ client }: Pick<Person, 'client'>, more: object = {}) => client.post('/billing/checkout_session', order(more));
const portal = async ({ client }: Pick<Person, 'client'>, returnUrl: unknown = `${APP}/billing`) => client.post('/billing/portal_session', { return_url: returnUrl });
const hear = async (object: Record<string, unknown>) => {
  expect((await deliver(world, stripeEvent('customer.subscription.updated', object))).status).toBe(200);
  await settled(world);
};

describe('what there is to look at', () => {
  it('the subscription, as billing and login tell it', async () => {
    const person = await world.register();
    const { status, body } = await person.client.get('/billing/subscription');
    expect([status, body]).toEqual([200, { subscription: (await person.client.get('/auth/me')).body.subscription }]);
    expect(body.subscription).toEqual({
      id: expect.any(Number), plan_tier: 'team', status: 'trialing', trial_ends_at: expect.stringMatching(/Z$/), current_period_start: null, current_period_end: null, canceled_at: null, can_use_features: true,
    });
  });

  it('the plans of the product, and which is the organization’s', async () => {
    const { client } = await world.register();
    const { status, body } = await client.get('/billing/plans');
    expect([status, body.meta]).toEqual([200, { current_page: 1, per_page: 25, total_pages: 1, total_count: 4 }]);
    expect(body.data).toEqual([
      { tier: 'solo', scopes: ['issues:read', 'users:read'], limits: { max_users: 1 }, current: false },
      { tier: 'team', scopes: ['issues', 'projects', 'comments', 'workflows', 'users', 'notifications'], limits: { max_users: 10 }, current: true },
      { tier: 'agency', scopes: ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications'], limits: {}, current: false },
      { tier: 'unsold', scopes: ['issues'], limits: {}, current: false },
    ]);
  });

  it('every member may look and admins alone may buy, also when nothing is paid', async () => {
    const admin = await world.register();
    const member = await world.member(admin);
    const viewer = await world.member(admin, 'viewer');
    for (const lapse of [false, true]) {
      if (lapse) await world.database.sql(`UPDATE subscriptions SET status = 'unpaid' WHERE organization_id = $1`, [admin.organizationId]);
      for (const { client } of [admin, member, viewer]) {
        expect([verdict(await client.get('/billing/subscription')), verdict(await client.get('/billing/plans'))]).toEqual(['200', '200']);
      }
      for (const one of [member, viewer]) expect([verdict(await buy(one)), verdict(await portal(one))]).toEqual(['403 forbidden', '403 forbidden']);
      expect([verdict(await buy(admin)), verdict(await portal(admin))]).toEqual(['200', '200']);
    }
  });

  it('machines need the organization’s administration', async () => {
    const admin = await world.register();
    const full = await world.token(admin);
    const narrow = await world.token(admin, { scopes: ['issues:read'] });
    expect([verdict(await full.client.get('/billing/subscription')), verdict(await buy(full))]).toEqual(['200', '200']);
    expect([verdict(await narrow.client.get('/billing/subscription')), verdict(await buy(narrow))]).toEqual(['403 insufficient_scope', '403 insufficient_scope']);
  });
});

describe('a checkout', () => {
  it('is Stripe’s page for the plan’s price; what is bought is found again, and what is left of the trial is kept', async () => {
    const person = await world.register({ organization: 'Paní Nováková s.r.o.' });
    const { status, body } = await buy(person);
    expect([status, body]).toEqual([200, { checkout_url: expect.stringMatching(/^https:\/\/checkout\.stripe\.test\//), session_id: expect.stringMatching(/^cs_/) }]);
    const [customer, checkout] = stripe.calls;
    expect(customer).toMatchObject({
      route: 'POST /v1/customers', key: `Bearer ${SECRET_KEY}`, account: undefined,
      form: { name: 'Paní Nováková s.r.o.', email: person.email, 'metadata[organization_id]': String(person.organizationId), 'metadata[product]': 'spravce-gdpr' },
    });
    const trialEnd = Math.floor(Date.parse((await person.client.get('/billing/subscription')).body.subscription.trial_ends_at) / 1000);
    expect(checkout?.form).toMatchObject({
      mode: 'subscription',
      'line_items[0][price]': 'price_agency',
      'line_items[0][quantity]': '1',
      success_url: `${APP}/thanks?session={CHECKOUT_SESSION_ID}`,
      cancel_url: `${APP}/plans`,
      'subscription_data[metadata][organization_id]': String(person.organizationId),
      'subscription_data[metadata][product]': 'spravce-gdpr',
      'subscription_data[trial_end]': String(trialEnd),
    });
    // The second time it is the same customer.
    await buy(person);
    expect(stripe.calls.map(({ route }) => route)).toEqual(['POST /v1/customers', 'POST /v1/checkout/sessions', 'POST /v1/checkout/sessions']);
    expect(stripe.calls[2]?.form['customer']).toBe(checkout?.form['customer']);
  });

  it('two at once make one customer', async () => {
    const person = await world.register();
    await Promise.all([buy(person), buy(person), portal(person)]);
    expect(new Set(stripe.calls.filter(({ route }) => route === 'POST /v1/customers').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(new Set(stripe.calls.flatMap(({ form }) => form['customer'] ?? [])).size).toBe(1);
  });

  it('a trial that is nearly over, or over, is not passed on', async () => {
    const person = await world.register();
    await world.database.sql(`UPDATE subscriptions SET trial_ends_at = now() + interval '47 hours' WHERE organization_id = $1`, [person.organizationId]);
    await buy(person);
    expect(Object.keys(stripe.calls.at(-1)?.form ?? {})).not.toContain('subscription_data[trial_end]');
  });

  it('is made on the product’s own account', async () => {
    const german = await world.register({ product: 'kanzlei' });
    const at = 'https://kanzlei.example';
    expect(verdict(await german.client.post('/billing/checkout_session', { plan_tier: 'klein', success_url: `${at}/ok`, cancel_url: at }))).toBe('200');
    expect(verdict(await portal(german, `${at}/app`))).toBe('200');
    expect(new Set(stripe.calls.map(({ account }) => account))).toEqual(new Set(['acct_kanzlei']));
  });

  it('is refused where something is being paid already: the portal changes it', async () => {
    const person = await world.register();
    await hear(stripeSubscription(person));
    expect(verdict(await buy(person))).toBe('409 conflict');
    expect(verdict(await portal(person))).toBe('200');
    expect(stripe.calls.at(-1)?.form).toMatchObject({ customer: `cus_of_${person.organizationId}`, return_url: `${APP}/billing` });
    await hear(stripeSubscription(person, { status: 'canceled' }));
    expect(verdict(await buy(person))).toBe('200');
  });

  it.each([
    ['a plan that there is not', { plan_tier: 'gold' }, 'plan_tier not_in_list'],
    ['a plan like a method of every object', { plan_tier: 'constructor' }, 'plan_tier not_in_list'],
    ['a plan that is not sold', { plan_tier: 'unsold' }, 'plan_tier invalid'],
    ['no plan', { plan_tier: undefined }, 'plan_tier blank'],
    ['another site', { success_url: 'https://evil.example/' }, 'success_url invalid'],
    ['a site that begins alike', { success_url: 'https://app.spravce-gdpr.cz.evil.example/' }, 'success_url invalid'],
    ['a name before the site', { success_url: 'https://app.spravce-gdpr.cz@evil.example/' }, 'success_url invalid'],
    ['a name at the site', { cancel_url: 'https://me@app.spravce-gdpr.cz/' }, 'cancel_url invalid'],
    ['another scheme', { cancel_url: 'http://app.spravce-gdpr.cz/' }, 'cancel_url invalid'],
    ['another port', { cancel_url: 'https://app.spravce-gdpr.cz:8443/' }, 'cancel_url invalid'],
    ['a script', { cancel_url: 'javascript:alert(1)' }, 'cancel_url invalid'],
    ['a path alone', { cancel_url: '/plans' }, 'cancel_url invalid'],
    ['a backslash', { cancel_url: 'https:\\\\app.spravce-gdpr.cz\\plans' }, 'cancel_url invalid'],
    ['no slashes', { cancel_url: 'https:app.spravce-gdpr.cz' }, 'cancel_url invalid'],
    ['three slashes', { cancel_url: 'https:///app.spravce-gdpr.cz/' }, 'cancel_url invalid'],
    ['a number', { success_url: 7 }, 'success_url not_a_string'],
  ])('%s: 422, and Stripe hears nothing', async (_, more, expected) => {
    const { status, body } = await buy(await world.register(), more);
    expect([status, `${body.details[0].field} ${body.details[0].code}`]).toEqual([422, expected]);
    expect(stripe.calls).toEqual([]);
  });

  it('leads back to any of the product’s origins', async () => {
    expect(verdict(await buy(await world.register(), { success_url: 'https://admin.spravce-gdpr.cz/x' }))).toBe('200');
    expect(verdict(await portal(await world.register(), 'https://evil.example/'))).toBe('422 validation_error');
  });

  it('of a customer whom somebody deleted at Stripe: another is made, once, and kept', async () => {
    const person = await world.register();
    await buy(person);
    const [first] = stripe.calls.flatMap(({ form }) => form['customer'] ?? []);
    stripe.deletedCustomers.add(String(first));
    stripe.calls.length = 0;
    expect(await Promise.all([buy(person), portal(person)]).then((answers) => answers.map(verdict))).toEqual(['200', '200']);
    const others = new Set(stripe.calls.flatMap(({ form }) => form['customer'] ?? []).filter((customer) => customer !== first));
    expect(others.size).toBe(1);
    stripe.calls.length = 0;
    expect(verdict(await portal(person))).toBe('200');
    expect(stripe.calls.map(({ route, form }) => [route, form['customer']])).toEqual([['POST /v1/billing_portal/sessions', [...others][0]]]);
  });

  it('of a price that Stripe does not know: 503, and no other customer is made for it', async () => {
    const person = await world.register();
    stripe.unknownPrices.add('price_agency');
    const answer = await buy(person);
    stripe.unknownPrices.clear();
    expect(verdict(answer)).toBe('503 unavailable');
    expect(stripe.calls.map(({ route }) => route)).toEqual(['POST /v1/customers', 'POST /v1/checkout/sessions']);
  });

  it.each([['is down', 500], ['refuses our key', 401], ['is asked too often', 429]])('Stripe %s: 503, and nothing is told of why', async (_, status) => {
    const person = await world.register();
    stripe.failsWith = status;
    const { status: answered, body } = await buy(person);
    expect([answered, body.error]).toEqual([503, 'unavailable']);
    expect(JSON.stringify(body)).not.toMatch(/stripe|sk_test/i);
    expect(world.logs.join('\n')).not.toContain(SECRET_KEY);
  });
});

describe('without keys', () => {
  let bare: World;
  beforeAll(async () => {
    bare = await World.start({ env: { PRODUCTS_FILE: 'test/billing/products.yml' } });
  });
  afterAll(async () => {
    await bare.stop();
  });

  it('what needs Stripe says so, whatever was sent, and the rest works', async () => {
    const { client } = await bare.register();
    for (const [path, body] of [['checkout_session', order()], ['checkout_session', {}], ['portal_session', { return_url: APP }], ['portal_session', {}]] as const) {
      expect(verdict(await client.post(`/billing/${path}`, body))).toBe('503 billing_not_configured');
    }
    expect((await deliver(bare, '{}')).body['error']).toBe('billing_not_configured');
    expect([verdict(await client.get('/billing/subscription')), verdict(await client.get('/billing/plans')), verdict(await client.get('/issues'))]).toEqual(['200', '200', '200']);
    expect(verdict(await bare.visitor.post('/billing/checkout_session', order()))).toBe('401 authorization_required');
  });

  it.each([['cs', 'Platby'], ['de', 'Zahlungen'], ['en', 'payments']])('it is said in %s', async (locale, word) => {
    const { client } = await bare.register();
    expect((await client.post(`/billing/portal_session?locale=${locale}`, {})).body.message).toContain(word);
  });
});

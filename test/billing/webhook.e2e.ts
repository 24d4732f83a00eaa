import { verdict } from '../members/invitations.js';
import type { Person, World } from '../support/world.js';
import { billingWorld, CONNECT_SECRET, deliver, PLATFORM_SECRET, settled, signatureOf, stripeEvent, stripeInvoice, stripeSubscription } from './billing-world.js';
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

const now = () => Math.floor(Date.now() / 1000);
const subscriptionOf = async ({ client }: Person) => (await client.get('/billing/subscription')).body.subscription;
const standing = async (person: Person) => {
  const { status, plan_tier: tier, can_use_features: open } = await subscriptionOf(person);
  return `${status} ${tier} ${open ? 'open' : 'closed'}`;
};
const acts = async ({ organizationId }: Person) =>
  world.database.sql<{ action: string; actor_type: string; metadata: Record<string, unknown> }>(
    `SELECT action, actor_type, metadata FROM audit_entries WHERE chain = $1 AND (action LIKE 'subscription.%' OR action LIKE 'stripe_event.%') ORDER BY id`,
    [`organization:${organizationId}`],
  );

async function hear(type: string, object: unknown, facts: Parameters<typeof stripeEvent>[2] = {}): Promise<void> {
  const payload = stripeEvent(type, object, facts);
  expect(await deliver(world, payload, signatureOf(payload, facts.account === undefined ? PLATFORM_SECRET : CONNECT_SECRET))).toEqual({ status: 200, body: { received: true } });
  await settled(world);
}

describe('events drive every transition', () => {
  it('a trial is bought, paid, due, paid again, downgraded and canceled; each leaves one event and is felt on the next request', async () => {
    const person = await world.register();
    const { client } = person;
    expect(await standing(person)).toBe('trialing team open');
    const begun = now() - 1_000;

    await hear('customer.subscription.created', stripeSubscription(person, { status: 'incomplete', price: 'price_agency' }), { created: begun });
    expect(await standing(person)).toBe('incomplete agency closed');
    expect(verdict(await client.get('/issues'))).toBe('403 subscription_inactive');

    await hear('invoice.paid', stripeInvoice(person), { created: begun + 1 });
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_agency' }), { created: begun + 1 });
    expect(await subscriptionOf(person)).toMatchObject({
      status: 'active', plan_tier: 'agency', can_use_features: true, trial_ends_at: null, canceled_at: null,
      current_period_start: new Date(1_795_000_000_000).toISOString(), current_period_end: new Date(1_797_592_000_000).toISOString(),
    });
    expect(verdict(await client.get('/issues'))).toBe('200');

    await hear('invoice.payment_failed', stripeInvoice(person, 0), { created: begun + 100 });
    expect(await standing(person)).toBe('past_due agency open');
    await hear('invoice.paid', stripeInvoice(person), { created: begun + 200 });
    expect(await standing(person)).toBe('active agency open');

    // A smaller plan narrows what an old token opens, with the next request.
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_solo' }), { created: begun + 300 });
    expect(verdict(await client.get('/issues'))).toBe('200');
    expect(verdict(await client.get('/projects'))).toBe('403 feature_disabled');

    await hear('customer.subscription.updated', stripeSubscription(person, { status: 'unpaid', price: 'price_solo' }), { created: begun + 400 });
    expect(await standing(person)).toBe('unpaid solo closed');
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled', price: 'price_solo', more: { canceled_at: begun + 500 } }), { created: begun + 500 });
    expect(await subscriptionOf(person)).toMatchObject({ status: 'canceled', can_use_features: false, canceled_at: new Date((begun + 500) * 1000).toISOString() });

    const told = await acts(person);
    expect(told.map(({ action, actor_type: by, metadata }) => `${action} by ${by}: ${(metadata['after'] as { status: string }).status}`)).toEqual([
      'subscription.changed by stripe: incomplete',
      'subscription.changed by stripe: active',
      'subscription.changed by stripe: past_due',
      'subscription.changed by stripe: active',
      'subscription.changed by stripe: active',
      'subscription.changed by stripe: unpaid',
      'subscription.changed by stripe: canceled',
    ]);
  });

  it.each([
    ['incomplete_expired', 'incomplete team closed'],
    ['paused', 'unpaid team closed'],
    ['trialing', 'trialing team open'],
    ['past_due', 'past_due team open'],
    ['canceled', 'canceled team closed'],
    ['a_new_one', 'trialing team open'],
  ])('a status %s reads as %s', async (status, expected) => {
    const person = await world.register();
    await hear('customer.subscription.updated', stripeSubscription(person, { status }));
    expect(await standing(person)).toBe(expected);
  });

  it('periods are read where older versions of the API have them too', async () => {
    const person = await world.register();
    await hear('customer.subscription.updated', stripeSubscription(person, { more: { current_period_start: 1_700_000_000, current_period_end: 1_800_000_000, items: { data: [{ price: { id: 'price_solo' } }] } } }));
    expect(await subscriptionOf(person)).toMatchObject({ plan_tier: 'solo', current_period_end: new Date(1_800_000_000_000).toISOString() });
  });

  it('a price of no plan leaves the plan; an invoice of no subscription changes nothing; other events are taken and left', async () => {
    const person = await world.register();
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_of_another_product' }));
    await hear('invoice.payment_failed', { customer: `cus_of_${person.organizationId}`, amount_paid: 0 });
    await hear('charge.refunded', { id: 'ch_1' });
    expect(await standing(person)).toBe('active team open');
  });
});

describe('of whom an event speaks', () => {
  it('is said by its metadata, else by the customer that was kept', async () => {
    const person = await world.register();
    await hear('customer.subscription.created', stripeSubscription(person));
    await hear('customer.subscription.updated', { ...stripeSubscription(person, { status: 'past_due' }), metadata: {} });
    expect(await standing(person)).toBe('past_due team open');
  });

  it.each([
    ['an organization that there is not', { organization_id: '999999999', product: 'spravce-gdpr' }],
    ['an id that is none', { organization_id: '1 OR 1=1', product: 'spravce-gdpr' }],
    ['another product', { product: 'kanzlei' }],
  ])('%s: nobody is concerned', async (_, metadata) => {
    const person = await world.register();
    const object = stripeSubscription(person, { status: 'canceled' });
    await hear('customer.subscription.updated', { ...object, metadata: { ...(object['metadata'] as object), ...metadata } });
    expect(await standing(person)).toBe('trialing team open');
    expect(await acts(person)).toEqual([]);
  });

  it('an account that is not the product’s changes nothing, and is told to the organization’s admins', async () => {
    const person = await world.register();
    const german = await world.register({ product: 'kanzlei' });
    const ofGerman = stripeSubscription(german, { product: 'kanzlei', price: 'price_klein', status: 'past_due' });
    await hear('customer.subscription.updated', stripeSubscription(person, { status: 'canceled' }), { account: 'acct_thief' });
    await hear('customer.subscription.updated', ofGerman);
    expect([await standing(person), await standing(german)]).toEqual(['trialing team open', 'trialing klein open']);
    for (const [whom, actor] of [[person, 'acct_thief'], [german, null]] as const) {
      expect(await acts(whom)).toEqual([{ action: 'stripe_event.ignored', actor_type: 'stripe', metadata: expect.objectContaining({ reason: 'another_account' }) }]);
      expect(await world.database.sql('SELECT actor_id FROM audit_entries WHERE chain = $1 AND action = $2', [`organization:${whom.organizationId}`, 'stripe_event.ignored'])).toEqual([{ actor_id: actor }]);
    }
    await hear('customer.subscription.updated', ofGerman, { account: 'acct_kanzlei' });
    expect(await standing(german)).toBe('past_due klein open');
  });
});

describe('each event once, and in the order of its own time', () => {
  it('fifty deliveries at once, on two instances, have one effect', async () => {
    const person = await world.register();
    const { base } = await world.anotherInstance();
    const payload = stripeEvent('customer.subscription.updated', stripeSubscription(person, { status: 'past_due' }));
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, n) => deliver(world, payload, undefined, n % 2 === 0 ? base : undefined)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await settled(world);
    expect(await standing(person)).toBe('past_due team open');
    expect(await acts(person)).toHaveLength(1);
    // A week later it is still known.
    expect((await deliver(world, payload)).status).toBe(200);
    await settled(world);
    expect(await acts(person)).toHaveLength(1);
  });

  it('what is older comes too late; what was deleted stays deleted', async () => {
    const person = await world.register();
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), { created: now() - 10 });
    await hear('customer.subscription.updated', stripeSubscription(person), { created: now() - 20 });
    await hear('customer.subscription.updated', stripeSubscription(person), { created: now() });
    await hear('invoice.paid', stripeInvoice(person), { created: now() });
    expect(await standing(person)).toBe('canceled team closed');
    expect(await acts(person)).toHaveLength(1);
  });

  it('a second subscription, bought after the first was canceled, opens everything again', async () => {
    const person = await world.register();
    await hear('customer.subscription.created', stripeSubscription(person), { created: now() - 100 });
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), { created: now() - 50 });
    await hear('customer.subscription.created', stripeSubscription(person, { id: 'sub_again', price: 'price_agency', created: 1_790_000_500 }), { created: now() - 40 });
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), { created: now() - 10 });
    expect(await standing(person)).toBe('active agency open');
  });
});

describe('who may say something', () => {
  const person = { organizationId: 1 };
  const payload = stripeEvent('customer.subscription.updated', stripeSubscription(person, { status: 'canceled' }));
  // Made when it is sent: its age is what is judged.
  const signed = (secret?: string, age?: number) => () => signatureOf(payload, secret, age);

  it.each([
    ['no signature', payload, () => ''],
    ['nonsense', payload, () => 'nonsense'],
    ['another secret', payload, signed('whsec_other')],
    ['an empty secret', payload, signed(' ')],
    ['one byte changed', payload.replace('canceled', 'cancelet'), signed()],
    ['a space more', `${payload} `, signed()],
    ['one that is 300 seconds old', payload, signed(PLATFORM_SECRET, 300)],
    ['one that is a day old', payload, signed(PLATFORM_SECRET, 86_400)],
    ['a signature of another scheme', payload, () => signatureOf(payload).replace('v1=', 'v0=')],
    ['nothing at all', '', signed()],
  ])('%s: 400, and no effect', async (_, sent, signature) => {
    const before = await world.database.sql('SELECT count(*) FROM stripe_events');
    const { status, body } = await deliver(world, sent, signature());
    expect([status, body['error']]).toEqual([400, 'invalid_signature']);
    expect(await world.database.sql('SELECT count(*) FROM stripe_events')).toEqual(before);
  });

  it.each([
    ['just signed by the platform', PLATFORM_SECRET, 0],
    ['signed five minutes ago, less a second', PLATFORM_SECRET, 299],
    ['signed for connected accounts', CONNECT_SECRET, 0],
  ])('%s: it is taken', async (_, secret, age) => {
    expect((await world.clock.standing(async () => deliver(world, payload, signatureOf(payload, secret, age)))).status).toBe(200);
  });

  it.each([
    ['no object', '[]'],
    ['no event', '{"id":"evt_1"}'],
    ['an id that nobody keeps', stripeEvent('invoice.paid', {}, { id: 'evt_\0' })],
    ['a moment that there is not', stripeEvent('invoice.paid', {}, { created: 9e15 })],
  ])('signed, but %s: 400', async (_, sent) => {
    const { status, body } = await deliver(world, sent);
    expect([status, body['error']]).toEqual([400, 'malformed_request']);
  });

  it('an event of many lines is taken, one of more than a megabyte is not', async () => {
    const large = (bytes: number) => stripeEvent('invoice.created', { filler: 'x'.repeat(bytes) });
    expect((await deliver(world, large(300_000))).status).toBe(200);
    expect((await deliver(world, large(1_100_000))).body['error']).toBe('payload_too_large');
  });

  it('its secrets open nothing as a credential, and stand in no log', async () => {
    for (const secret of ['sk_test_51KiketSecret', PLATFORM_SECRET]) {
      expect(verdict(await world.bearer(secret).get('/me'))).toBe('401 invalid_token');
      expect(world.logs.join('\n')).not.toContain(secret);
    }
  });
});

import { Client } from 'pg';
import { gzipSync } from 'node:zlib';
import { Reconciliation } from '../../apps/api/src/billing-subscription/index.js';
import { Jobs } from '#jobs';
import { until } from '../bad-days/until.js';
import { verdict } from '../members/invitations.js';
import type { Person, World } from '../support/world.js';
import { billingWorld, deliver, settled, signatureOf, stripeEvent, stripeInvoice, stripeSubscription } from './billing-world.js';
import type { StripeServer } from './stripe-server.js';

/** The queue behind the webhook. */
const EVENTS = { name: 'stripe-events', retryLimit: 30, retryDelaySeconds: 5, retryDelayMaxSeconds: 600, timeoutSeconds: 60 };

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
  stripe.aheadMs = 0;
  stripe.held = null;
});

const begun = Math.floor(Date.now() / 1000) - 1_000;
const standing = async ({ organizationId }: Person) => (await world.database.sql('SELECT status, plan_tier FROM subscriptions WHERE organization_id = $1', [organizationId]))[0];
const changes = async ({ organizationId }: Person) =>
  (await world.database.sql(`SELECT id FROM audit_entries WHERE chain = $1 AND action = 'subscription.changed'`, [`organization:${organizationId}`])).length;

async function hear(type: string, object: unknown, created = begun): Promise<void> {
  expect((await deliver(world, stripeEvent(type, object, { created }))).status).toBe(200);
  await settled(world);
}

describe('a payment is heard of before what it was paid for', () => {
  it('an upgrade that comes a second late is taken over, and stays paid', async () => {
    const person = await world.register();
    await hear('customer.subscription.created', stripeSubscription(person), begun);
    await hear('invoice.paid', stripeInvoice(person), begun + 101);
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_agency', status: 'past_due' }), begun + 100);
    expect([await standing(person), await changes(person)]).toEqual([{ status: 'active', plan_tier: 'agency' }, 2]);
    await hear('customer.subscription.updated', stripeSubscription(person, { status: 'unpaid' }), begun + 102);
    expect(await standing(person)).toEqual({ status: 'unpaid', plan_tier: 'team' });
  });

  it('a failure stays one, a late payment of before it changes nothing, and an end is an end', async () => {
    const person = await world.register();
    await hear('customer.subscription.created', stripeSubscription(person), begun);
    await hear('invoice.payment_failed', stripeInvoice(person, 0), begun + 101);
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_solo' }), begun + 100);
    await hear('invoice.paid', stripeInvoice(person), begun + 99);
    expect(await standing(person)).toEqual({ status: 'past_due', plan_tier: 'solo' });
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), begun + 100);
    expect(await standing(person)).toMatchObject({ status: 'canceled' });
  });
});

it('what is older than what was heard changes nothing, of one that goes on too', async () => {
  const person = await world.register();
  await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_solo' }), begun + 10);
  await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_agency', status: 'unpaid' }), begun + 9);
  expect([await standing(person), await changes(person)]).toEqual([{ status: 'active', plan_tier: 'solo' }, 1]);
});

describe('two changes of one second', () => {
  const changed = async (person: Person, price: string) => hear('customer.subscription.updated', stripeSubscription(person, { price }));

  it('are settled by Stripe, whichever came last', async () => {
    const person = await world.register();
    stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person, { price: 'price_agency' }));
    await changed(person, 'price_agency');
    await changed(person, 'price_solo');
    await until(async () => (await standing(person))?.['plan_tier'] === 'agency');
    expect(stripe.calls.map(({ route }) => route)).toEqual([`GET /v1/subscriptions/sub_${person.organizationId}`]);
  });

  it('are settled later where Stripe is down, and until then the last word counts', async () => {
    const person = await world.register();
    stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person, { price: 'price_agency' }));
    stripe.failsWith = 500;
    await changed(person, 'price_agency');
    await changed(person, 'price_solo');
    await until(() => stripe.calls.length > 0);
    expect(await standing(person)).toEqual({ status: 'active', plan_tier: 'solo' });
    stripe.failsWith = null;
    await until(async () => (await standing(person))?.['plan_tier'] === 'agency');
  });

  it('cost no question where an end is among them, or none of them is a change', async () => {
    const person = await world.register();
    await hear('customer.subscription.updated', stripeSubscription(person));
    await hear('customer.subscription.created', stripeSubscription(person));
    await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }));
    await hear('customer.subscription.updated', stripeSubscription(person, { price: 'price_solo' }));
    expect(await world.database.sql(`SELECT 1 FROM jobs.job WHERE name = 'stripe-questions'`)).toEqual([]);
    expect(await standing(person)).toEqual({ status: 'canceled', plan_tier: 'team' });
  });
});

it("an answer counts from Stripe's own time: what it says a minute later is heard, though our clock is two hours ahead of it", async () => {
  const person = await world.register();
  const atStripe = Math.floor(Date.now() / 1000) - 2 * 60 * 60;
  stripe.aheadMs = -2 * 60 * 60 * 1000;
  await hear('customer.subscription.created', stripeSubscription(person, { status: 'unpaid' }), atStripe - 60);
  stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person));
  expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken }))).toBe('200');
  await hear('customer.subscription.updated', stripeSubscription(person, { status: 'unpaid' }), atStripe + 60);
  expect(await standing(person)).toMatchObject({ status: 'unpaid' });
});

it('several that are worked at once are judged one after the other', async () => {
  const person = await world.register();
  await hear('customer.subscription.created', stripeSubscription(person));
  // Held until several of them are at it: whoever reads without waiting for the row has then read the same.
  const holder = new Client({ connectionString: world.database.url });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM subscriptions WHERE organization_id = $1 FOR UPDATE', [person.organizationId]);
  for (const [n, price] of ['price_solo', 'price_agency', 'price_team'].entries()) await deliver(world, stripeEvent('customer.subscription.updated', stripeSubscription(person, { price }), { created: begun + n + 1 }));
  const waiting = async () => (await world.database.sql(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length;
  while ((await waiting()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await holder.query('COMMIT');
  await holder.end();
  await settled(world);
  const told = await world.database.sql<{ before: object; after: object }>(`SELECT metadata->'before' AS before, metadata->'after' AS after FROM audit_entries WHERE chain = $1 AND action = 'subscription.changed' ORDER BY id`, [`organization:${person.organizationId}`]);
  expect(told.slice(1).map(({ before }) => before)).toEqual(told.slice(0, -1).map(({ after }) => after));
  expect(await standing(person)).toEqual({ status: 'active', plan_tier: 'team' });
});

it('an event that is sent again is worked once, also where it is only told of', async () => {
  const person = await world.register();
  const payload = stripeEvent('customer.subscription.updated', stripeSubscription(person), { account: 'acct_thief' });
  for (let n = 0; n < 3; n += 1) await deliver(world, payload);
  await settled(world);
  expect(await world.database.sql(`SELECT action FROM audit_entries WHERE chain = $1 AND action = 'stripe_event.ignored'`, [`organization:${person.organizationId}`])).toHaveLength(1);
});

it('an event of another account is told of once, though its job runs again', async () => {
  const person = await world.register();
  const payload = stripeEvent('customer.subscription.updated', stripeSubscription(person), { account: 'acct_thief' });
  await deliver(world, payload);
  await settled(world);
  await world.instance.app.get(Jobs, { strict: false }).enqueue(EVENTS, JSON.parse(payload) as object);
  await settled(world);
  expect(await world.database.sql(`SELECT action FROM audit_entries WHERE chain = $1 AND action = 'stripe_event.ignored'`, [`organization:${person.organizationId}`])).toHaveLength(1);
});

it('a late word of a former subscription does not revive what is over', async () => {
  const person = await world.register();
  const next = { id: 'sub_newer', created: 1_790_000_500 };
  await hear('customer.subscription.created', stripeSubscription(person), begun);
  await hear('customer.subscription.created', stripeSubscription(person, next), begun + 50);
  await hear('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), begun + 60);
  await hear('customer.subscription.deleted', stripeSubscription(person, { ...next, status: 'canceled' }), begun + 100);
  await hear('customer.subscription.updated', stripeSubscription(person), begun + 10);
  expect(await standing(person)).toMatchObject({ status: 'canceled' });
  // One that is still said to be alive counts.
  await hear('customer.subscription.updated', stripeSubscription(person), begun + 200);
  expect(await standing(person)).toMatchObject({ status: 'active' });
});

describe('one customer pays for two organizations', () => {
  const shared = (person: Person, more: Parameters<typeof stripeSubscription>[1] = {}): Record<string, unknown> => ({ ...stripeSubscription(person, more), customer: 'cus_shared' });

  it('both hear of theirs, by name or by subscription', async () => {
    const [one, other] = [await world.register(), await world.register()];
    await hear('customer.subscription.created', shared(one));
    await hear('customer.subscription.created', shared(other, { price: 'price_agency' }));
    expect([await standing(one), await standing(other)]).toEqual([{ status: 'active', plan_tier: 'team' }, { status: 'active', plan_tier: 'agency' }]);
    await hear('customer.subscription.updated', { ...shared(other, { status: 'unpaid' }), metadata: {} }, begun + 1);
    await hear('customer.subscription.updated', { ...shared(other, { id: 'sub_unknown', status: 'canceled' }), metadata: {} }, begun + 2);
    expect([await standing(one), await standing(other)]).toMatchObject([{ status: 'active' }, { status: 'unpaid' }]);
  });

  it('what was bought for the one opens nothing for the other', async () => {
    const [one, other] = [await world.register(), await world.register()];
    await hear('customer.subscription.created', shared(one));
    await hear('customer.subscription.deleted', shared(one, { status: 'canceled' }), begun + 1);
    for (const each of [shared(one, { status: 'canceled' }), shared(other, { created: 1_790_009_000 })]) stripe.subscriptions.set(String(each['id']), each);
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: one.refreshToken }))).toBe('403 subscription_inactive');
    expect(await standing(one)).toMatchObject({ status: 'canceled' });
  });
});

it('two admins who buy at once both get there', async () => {
  const admin = await world.register();
  const second = await world.member(admin, 'admin');
  const order = { plan_tier: 'agency', success_url: 'https://app.spravce-gdpr.cz/', cancel_url: 'https://app.spravce-gdpr.cz/' };
  const answers = await Promise.all([admin, second].map(async ({ client }) => client.post('/billing/checkout_session', order)));
  expect(answers.map(verdict)).toEqual(['200', '200']);
  expect(new Set(stripe.calls.flatMap(({ form }) => form['customer'] ?? [])).size).toBe(1);
});

it('Stripe is down when it is asked for what was missed: it is asked again within hours, not a day later', async () => {
  const person = await world.register();
  await hear('customer.subscription.created', stripeSubscription(person));
  stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person, { status: 'unpaid' }));
  await world.database.sql(`UPDATE subscriptions SET told_at = now() - interval '25 hours' WHERE organization_id = $1`, [person.organizationId]);
  const reconciliation = world.instance.app.get(Reconciliation, { strict: false });
  stripe.failsWith = 500;
  await reconciliation.run();
  stripe.failsWith = null;
  await reconciliation.run();
  expect(await standing(person)).toMatchObject({ status: 'active' });
  await world.database.sql(`UPDATE subscriptions SET asked_at = now() - interval '61 minutes' WHERE organization_id = $1`, [person.organizationId]);
  await reconciliation.run();
  expect(await standing(person)).toMatchObject({ status: 'unpaid' });
});

it('a service that stops asks Stripe nothing more', async () => {
  const { app } = await world.anotherInstance();
  const people = [await world.register(), await world.register(), await world.register()];
  for (const person of people) await hear('customer.subscription.created', stripeSubscription(person));
  await world.database.sql(`UPDATE subscriptions SET asked_at = NULL, told_at = now() - interval '25 hours' WHERE organization_id = ANY ($1)`, [people.map(({ organizationId }) => organizationId)]);
  stripe.calls.length = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  stripe.held = promise;
  const reconciliation = app.get(Reconciliation, { strict: false });
  const round = reconciliation.run();
  while (stripe.calls.length === 0) await new Promise((look) => setTimeout(look, 10));
  reconciliation.onModuleDestroy();
  resolve(undefined);
  await round;
  expect(stripe.calls.filter(({ route }) => /subscriptions\/sub_/.test(route))).toHaveLength(1);
});

describe('the bytes of an event', () => {
  const payload = stripeEvent('charge.refunded', { name: 'Žofie' });
  const send = async (init: RequestInit & { duplex?: 'half' }) => {
    const response = await fetch(`${world.instance.base}/api/v1/billing/stripe_webhook`, init);
    const text = await response.text();
    return { status: response.status, allow: response.headers.get('allow'), error: text === '' ? undefined : (JSON.parse(text) as { error?: string }).error };
  };

  it.each(['application/json', 'text/plain; charset=iso-8859-1', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])('count whatever %s calls them', async (type) => {
    expect((await send({ method: 'POST', headers: { 'Stripe-Signature': signatureOf(payload), 'Content-Type': type }, body: payload })).status).toBe(200);
  });

  it('count in pieces too', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let from = 0; from < Buffer.byteLength(payload); from += 7) controller.enqueue(Buffer.from(payload).subarray(from, from + 7));
        controller.close();
      },
    });
    expect((await send({ method: 'POST', headers: { 'Stripe-Signature': signatureOf(payload) }, body, duplex: 'half' })).status).toBe(200);
  });

  it('are not unpacked; none at all are signed by nobody', async () => {
    const packed = { 'Stripe-Signature': signatureOf(payload), 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    expect(await send({ method: 'POST', headers: packed, body: gzipSync(payload) })).toMatchObject({ status: 415, error: 'unsupported_media_type' });
    expect(await send({ method: 'POST' })).toMatchObject({ status: 400, error: 'invalid_signature' });
    expect(await send({ method: 'POST', body: payload })).toMatchObject({ status: 400, error: 'invalid_signature' });
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'])('come by POST alone, not by %s', async (method) => {
    expect(await send({ method })).toMatchObject({ status: 405, allow: 'POST' });
  });
});

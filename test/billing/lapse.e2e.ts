import { verdict } from '../members/invitations.js';
import { Reconciliation, TrialWarnings } from '../../apps/api/src/billing-subscription/index.js';
import type { Person, World } from '../support/world.js';
import { billingWorld, deliver, settled, stripeEvent, stripeInvoice, stripeSubscription } from './billing-world.js';
import type { StripeServer } from './stripe-server.js';

let world: World;
let stripe: StripeServer;
beforeEach(async () => {
  ({ world, stripe } = await billingWorld());
});
afterEach(async () => {
  await world.stop();
  await stripe.stop();
});

const seconds = () => Math.floor(world.clock.now().getTime() / 1000);
const sql = async (text: string, ...values: unknown[]) => world.database.sql(text, values);
const refresh = async ({ refreshToken }: Person) => world.visitor.post('/auth/refresh', { refresh_token: refreshToken });
const standing = async ({ organizationId }: Person) => (await sql('SELECT status, plan_tier FROM subscriptions WHERE organization_id = $1', organizationId))[0];
const asked = () => stripe.calls.filter(({ route }) => route.startsWith('GET /v1/subscriptions')).length;

async function hear(type: string, object: unknown, created: number): Promise<void> {
  expect((await deliver(world, stripeEvent(type, object, { created }))).status).toBe(200);
  await settled(world);
}

/** Somebody whose subscription at Stripe is active, and stands here as canceled by the hand of a lost event. */
async function lockedOut(): Promise<Person> {
  const person = await world.register();
  const subscription = stripeSubscription(person, { price: 'price_agency' });
  stripe.subscriptions.set(`sub_${person.organizationId}`, subscription);
  await hear('customer.subscription.created', { ...subscription, status: 'past_due' }, seconds() - 100);
  await hear('customer.subscription.updated', { ...subscription, status: 'unpaid' }, seconds() - 50);
  return person;
}

describe('after a payment failed', () => {
  it('features stay on for the product’s days of grace; admins are written to once, in their language and the product’s brand', async () => {
    const admin = await world.register({ name: 'Eva Malá' });
    const member = await world.member(admin);
    await hear('customer.subscription.created', stripeSubscription(admin), seconds() - 100);
    const failed = seconds() - 50;
    await hear('invoice.payment_failed', stripeInvoice(admin, 0), failed);
    await hear('customer.subscription.updated', stripeSubscription(admin, { status: 'past_due' }), failed + 1);
    const mail = await world.mailbox.to(admin.email, ({ subject }) => subject?.includes('platba') === true);
    expect(mail.subject).toBe('Správce GDPR: platba se nezdařila');
    expect(mail.from?.text).toContain('noreply@spravce-gdpr.cz');
    expect(mail.text).toContain('https://app.spravce-gdpr.cz');
    expect(mail.text).not.toMatch(/kiket/i);
    const about = (address: string) => world.mailbox.received.filter(({ recipients, subject }) => recipients.includes(address) && subject?.includes('platba') === true).length;
    expect([about(admin.email), about(member.email)]).toEqual([1, 0]);
    // The grace is counted from the first word of it.
    expect(await sql('SELECT past_due_since AS since FROM subscriptions WHERE organization_id = $1', admin.organizationId)).toEqual([{ since: new Date(failed * 1000) }]);

    expect(verdict(await admin.client.get('/issues'))).toBe('200');
    await sql(`UPDATE subscriptions SET past_due_since = now() - interval '7 days' + interval '1 minute'`);
    expect((await admin.client.get('/billing/subscription')).body.subscription).toMatchObject({ status: 'past_due', can_use_features: true });
    await sql(`UPDATE subscriptions SET past_due_since = now() - interval '7 days'`);
    expect((await admin.client.get('/billing/subscription')).body.subscription).toMatchObject({ status: 'past_due', can_use_features: false });
    expect(verdict(await admin.client.get('/issues'))).toBe('403 subscription_inactive');
    expect(verdict(await admin.client.get('/workspace_api_tokens'))).toBe('200');
  });
});

describe('before a refresh is refused for billing', () => {
  it('Stripe is asked, once and by whoever comes first: who has paid is let in, and keeps their plan', async () => {
    const person = await lockedOut();
    const { status } = await refresh(person);
    expect([status, await standing(person), asked()]).toEqual([200, { status: 'active', plan_tier: 'agency' }, 1]);
  });

  it('many at once ask one question', async () => {
    const person = await lockedOut();
    stripe.delayMs = 200;
    const answers = await Promise.all(Array.from({ length: 8 }, async () => refresh(person)));
    expect([answers.map(({ status }) => status), asked()]).toEqual([Array<number>(8).fill(200), 1]);
  });

  it('who has not paid is refused, and the question is asked again after a minute', async () => {
    const person = await lockedOut();
    stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person, { status: 'unpaid' }));
    for (let n = 0; n < 3; n += 1) expect(verdict(await refresh(person))).toBe('403 subscription_inactive');
    const before = asked();
    stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person));
    expect(verdict(await refresh(person))).toBe('403 subscription_inactive');
    expect(asked()).toBe(before);
    world.clock.advance({ seconds: 61 });
    expect((await refresh(person)).status).toBe(200);
  });

  it('another subscription of the same customer counts', async () => {
    const person = await lockedOut();
    const id = `sub_${person.organizationId}`;
    stripe.subscriptions.set(id, stripeSubscription(person, { status: 'canceled' }));
    stripe.subscriptions.set('sub_next', stripeSubscription(person, { id: 'sub_next', price: 'price_solo', created: 1_790_900_000 }));
    expect([(await refresh(person)).status, await standing(person)]).toEqual([200, { status: 'active', plan_tier: 'solo' }]);
  });

  it.each([['is down', 500, 0], ['takes its time', null, 20_000]])('Stripe %s: the refusal comes within seconds, and nothing is consumed', async (_, failsWith, delayMs) => {
    const person = await lockedOut();
    Object.assign(stripe, { failsWith, delayMs });
    expect(verdict(await refresh(person))).toBe('403 subscription_inactive');
    Object.assign(stripe, { failsWith: null, delayMs: 0 });
    world.clock.advance({ seconds: 61 });
    expect((await refresh(person)).status).toBe(200);
  });

  it('a trial that was never bought asks nobody', async () => {
    const person = await world.register();
    await sql(`UPDATE subscriptions SET trial_ends_at = now() - interval '1 second' WHERE organization_id = $1`, person.organizationId);
    expect([verdict(await refresh(person)), asked()]).toEqual(['403 subscription_inactive', 0]);
  });
});

it('a cancel that races refreshes: nothing is issued after it has committed', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, async () => world.register()));
  for (const person of people) await hear('customer.subscription.created', stripeSubscription(person), seconds() - 100);
  const late: number[] = [];
  await Promise.all(
    people.map(async (person) => {
      let [token, canceled] = [person.refreshToken, false];
      const cancel = (async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        await deliver(world, stripeEvent('customer.subscription.deleted', stripeSubscription(person, { status: 'canceled' }), { created: seconds() }));
        while ((await standing(person))?.['status'] !== 'canceled') await new Promise((resolve) => setTimeout(resolve, 5));
        canceled = true;
      })();
      for (let refused = false; !refused; ) {
        const knew = canceled;
        const { status, body } = await world.visitor.post('/auth/refresh', { refresh_token: token });
        if (status === 200 && knew) late.push(person.id);
        refused = status !== 200;
        if (!refused) token = body.refresh_token;
      }
      await cancel;
    }),
  );
  expect(late).toEqual([]);
});

it('what was not heard of for a day is asked for; a webhook that was missed is made up for', async () => {
  const person = await world.register();
  const other = await world.register();
  const reconciliation = world.instance.app.get(Reconciliation, { strict: false });
  for (const one of [person, other]) {
    await hear('customer.subscription.created', stripeSubscription(one), seconds() - 100);
    stripe.subscriptions.set(`sub_${one.organizationId}`, stripeSubscription(one));
  }
  await reconciliation.run();
  expect(asked()).toBe(0);

  stripe.subscriptions.set(`sub_${person.organizationId}`, stripeSubscription(person, { status: 'canceled', more: { canceled_at: seconds() } }));
  await sql(`UPDATE subscriptions SET told_at = now() - interval '25 hours' WHERE organization_id = $1`, person.organizationId);
  await reconciliation.run();
  // It is over: whether the customer has another one is asked too.
  expect([asked(), await standing(person), await standing(other)]).toEqual([2, { status: 'canceled', plan_tier: 'team' }, { status: 'active', plan_tier: 'team' }]);
  expect(await sql(`SELECT actor_type, metadata->>'asked' AS asked FROM audit_entries WHERE chain = $1 AND action = 'subscription.changed' ORDER BY id DESC LIMIT 1`, `organization:${person.organizationId}`)).toEqual([{ actor_type: 'stripe', asked: 'true' }]);

  // A period that is over, and not a word of the next one.
  await sql(`UPDATE subscriptions SET told_at = now() - interval '3 hours', current_period_end = now() - interval '3 hours' WHERE organization_id = $1`, other.organizationId);
  await reconciliation.run();
  expect(asked()).toBe(3);
});

it('the end of a trial is told three days before, once, to admins alone', async () => {
  const admin = await world.register();
  const member = await world.member(admin);
  const paid = await world.register();
  await hear('customer.subscription.created', stripeSubscription(paid), seconds() - 100);
  await world.anotherInstance();
  const warnings = world.instance.app.get(TrialWarnings, { strict: false });
  const isWarning = ({ subject }: { subject?: string | undefined }) => subject?.includes('zkušební období') === true;
  const told = (address: string) => world.mailbox.received.filter((mail) => mail.recipients.includes(address) && isWarning(mail)).length;
  world.clock.advance({ days: 10, hours: 23 });
  await warnings.send();
  world.clock.advance({ hours: 2 });
  await Promise.all([warnings.send(), warnings.send()]);
  await warnings.send();
  expect((await world.mailbox.to(admin.email, isWarning)).text).toContain('https://app.spravce-gdpr.cz');
  expect([told(admin.email), told(member.email), told(paid.email)]).toEqual([1, 0, 0]);
});

it('the database is down during a webhook: Stripe gets a 5xx, sends it again, and it counts', async () => {
  const person = await world.register();
  const payload = stripeEvent('customer.subscription.updated', stripeSubscription(person, { status: 'unpaid' }));
  await sql('ALTER TABLE stripe_events RENAME TO stripe_events_away');
  expect((await deliver(world, payload)).status).toBeGreaterThanOrEqual(500);
  await sql('ALTER TABLE stripe_events_away RENAME TO stripe_events');
  expect(await standing(person)).toMatchObject({ status: 'trialing' });
  expect((await deliver(world, payload)).status).toBe(200);
  await settled(world);
  expect(await standing(person)).toMatchObject({ status: 'unpaid' });
});

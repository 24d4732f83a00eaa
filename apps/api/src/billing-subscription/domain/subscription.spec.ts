import type { SubscriptionNews } from './subscription-news.js';
import { type Judgeable, opensFeatures, statusAt, Subscription } from './subscription.js';
import type { SubscriptionStatus } from './subscription-status.js';

const now = new Date('2026-11-24T12:00:00Z');
const facts = { organizationId: 1, productId: 2, planTier: 'team' };
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const days = (count: number) => at(count * 86_400);

const trial = () => Subscription.start({ ...facts, trialDays: 14 }, now);
const news = (kind: SubscriptionNews['kind'], seconds: number, status: SubscriptionStatus, more: Partial<SubscriptionNews> = {}): SubscriptionNews => ({
  kind, at: at(seconds), status, subscriptionId: 'sub_1', startedAt: at(0), customerId: 'cus_1', planTier: 'agency',
  trialEndsAt: null, currentPeriodStart: at(0), currentPeriodEnd: days(30), canceledAt: null, ...more,
});
const heard = (...all: SubscriptionNews[]) => {
  const subscription = trial();
  for (const one of all) subscription.hear(one);
  return subscription;
};

describe('a new subscription', () => {
  it('tries the product for as many days as it offers', () => {
    expect(trial()).toMatchObject({ status: 'trialing', trialEndsAt: new Date('2026-12-08T12:00:00Z') });
  });

  it('is incomplete where there is no trial', () => {
    expect(Subscription.start({ ...facts, trialDays: 0 }, now)).toMatchObject({ status: 'incomplete', trialEndsAt: null });
  });
});

describe('what Stripe says', () => {
  it('is taken over, plan and periods too; a price of no plan leaves the plan', () => {
    expect(heard(news('created', 1, 'active'))).toMatchObject({ status: 'active', planTier: 'agency', trialEndsAt: null, currentPeriodEnd: days(30), stripeCustomerId: 'cus_1' });
    expect(heard(news('created', 1, 'active', { planTier: null })).planTier).toBe('team');
  });

  it('that is older changes nothing; of one second, the beginning comes first', () => {
    expect(heard(news('updated', 5, 'past_due'), news('updated', 4, 'active')).status).toBe('past_due');
    expect(heard(news('updated', 5, 'active'), news('created', 5, 'incomplete')).status).toBe('active');
    expect(heard(news('created', 5, 'incomplete'), news('updated', 5, 'active')).status).toBe('active');
  });

  it('of an end is the last word, whatever comes after it', () => {
    const ended = heard(news('deleted', 9, 'canceled'), news('updated', 5, 'active'), news('updated', 9, 'active'), news('updated', 20, 'active'));
    expect(ended).toMatchObject({ status: 'canceled', canceledAt: at(9) });
  });

  it('of another subscription counts where it follows the one that counts, or that one is over', () => {
    const next = { subscriptionId: 'sub_2', startedAt: at(100) };
    expect(heard(news('created', 1, 'active'), news('created', 100, 'active', { ...next, planTier: 'solo' }))).toMatchObject({ stripeSubscriptionId: 'sub_2', planTier: 'solo' });
    // What it says may be older than the end of the one before.
    expect(heard(news('deleted', 200, 'canceled'), news('created', 100, 'active', next))).toMatchObject({ stripeSubscriptionId: 'sub_2', status: 'active', canceledAt: null });
  });

  it.each([
    ['the end of another', news('deleted', 300, 'canceled', { subscriptionId: 'sub_0', startedAt: at(-100) })],
    ['an older one', news('updated', 300, 'active', { subscriptionId: 'sub_0', startedAt: at(-100), planTier: 'solo' })],
    ['one that was never paid', news('created', 300, 'incomplete', { subscriptionId: 'sub_2', startedAt: at(100) })],
  ])('of %s changes nothing', (_, other) => {
    expect(heard(news('created', 1, 'active'), other)).toMatchObject({ stripeSubscriptionId: 'sub_1', status: 'active', planTier: 'agency' });
  });
});

describe('a payment', () => {
  const paying = (status: SubscriptionStatus, isPaid: boolean, amount = 900, more: { at?: Date; subscriptionId?: string } = {}) => {
    const subscription = heard(news('updated', 1, status));
    subscription.hearPayment({ at: at(2), subscriptionId: 'sub_1', isPaid, amount, ...more });
    return subscription.status;
  };

  it.each([
    ['past_due', true, 900, 'active'],
    ['unpaid', true, 900, 'active'],
    ['incomplete', true, 900, 'active'],
    ['trialing', true, 0, 'trialing'],
    ['trialing', true, 900, 'active'],
    ['canceled', true, 900, 'canceled'],
    ['active', false, 0, 'past_due'],
    ['trialing', false, 0, 'past_due'],
    ['incomplete', false, 0, 'incomplete'],
    ['unpaid', false, 0, 'unpaid'],
    ['canceled', false, 0, 'canceled'],
  ] as const)('of one that is %s, gone through: %s with %d, makes it %s', (status, isPaid, amount, expected) => {
    expect(paying(status, isPaid, amount)).toBe(expected);
  });

  it('that is older, or of another subscription, changes nothing', () => {
    expect(paying('active', false, 0, { at: at(0) })).toBe('active');
    expect(paying('active', false, 0, { subscriptionId: 'sub_9' })).toBe('active');
  });
});

describe('a payment heard of before what it was paid for', () => {
  const paid = (seconds: number, isPaid: boolean) => ({ at: at(seconds), subscriptionId: 'sub_1', isPaid, amount: isPaid ? 900 : 0 });

  it('says how it stands; plan and period are those of the subscription, however late it is heard of', () => {
    const subscription = heard(news('created', 1, 'active', { planTier: 'team' }));
    subscription.hearPayment(paid(101, false));
    subscription.hear(news('updated', 100, 'active', { currentPeriodEnd: days(60) }));
    expect(subscription).toMatchObject({ status: 'past_due', pastDueSince: at(101), planTier: 'agency', currentPeriodEnd: days(60) });
    subscription.hear(news('updated', 102, 'active'));
    expect(subscription).toMatchObject({ status: 'active', pastDueSince: null });
  });

  it('of one subscription says nothing of the next; an end is an end', () => {
    const subscription = heard(news('created', 1, 'active'));
    subscription.hearPayment(paid(300, false));
    subscription.hear(news('deleted', 299, 'canceled'));
    expect(subscription.status).toBe('canceled');
    subscription.hear(news('created', 200, 'active', { subscriptionId: 'sub_2', startedAt: at(200) }));
    expect(subscription.status).toBe('active');
  });
});

it('an older subscription counts again only where it was heard of after the end of the newer one', () => {
  const newer = { subscriptionId: 'sub_2', startedAt: at(100) };
  const over = () => heard(news('created', 100, 'active', newer), news('deleted', 200, 'canceled', newer));
  for (const [seconds, status] of [[150, 'canceled'], [250, 'active']] as const) {
    const subscription = over();
    subscription.hear(news('updated', seconds, 'active'));
    expect(subscription.status).toBe(status);
  }
});

it('the grace begins with the first failure, not with every further word of it, and anew after a payment', () => {
  const subscription = heard(news('updated', 1, 'past_due'), news('updated', 500, 'past_due'));
  expect(subscription.pastDueSince).toEqual(at(1));
  subscription.hear(news('updated', 600, 'active'));
  expect(subscription.pastDueSince).toBeNull();
  subscription.hear(news('updated', 700, 'past_due'));
  expect(subscription.pastDueSince).toEqual(at(700));
});

it('a trial is warned of once, and once more when its end has moved', () => {
  const subscription = trial();
  expect(subscription.takeTrialWarning()).toEqual(days(14));
  expect(subscription.takeTrialWarning()).toBeNull();
  subscription.hear(news('updated', 1, 'trialing', { trialEndsAt: days(20) }));
  expect(subscription.takeTrialWarning()).toEqual(days(20));
  expect(heard(news('updated', 1, 'active', { trialEndsAt: days(20) })).takeTrialWarning()).toBeNull();
});

describe('at a moment', () => {
  const end = days(14);
  const judged = (status: SubscriptionStatus, more: Partial<Judgeable> = {}): Judgeable => ({ status, trialEndsAt: end, pastDueSince: null, graceDays: 7, isAtStripe: false, ...more });

  it.each([
    ['trialing', new Date(end.getTime() - 1), 'trialing'],
    ['trialing', end, 'incomplete'],
    ['active', end, 'active'],
    ['canceled', now, 'canceled'],
  ] as const)('one that is %s, at %s, is %s', (status, moment, expected) => {
    expect(statusAt(judged(status), moment)).toBe(expected);
  });

  it('the end of a trial at Stripe is Stripe’s to say, for a day', () => {
    const atStripe = judged('trialing', { isAtStripe: true });
    expect([statusAt(atStripe, new Date(days(15).getTime() - 1)), statusAt(atStripe, days(15))]).toEqual(['trialing', 'incomplete']);
  });

  it.each([
    ['trialing', true],
    ['active', true],
    ['past_due', true],
    ['incomplete', false],
    ['canceled', false],
    ['unpaid', false],
  ] as const)('one that is %s opens features: %s', (status, opens) => {
    expect(opensFeatures(judged(status), now)).toBe(opens);
  });

  it('a failed payment closes them when the grace is over', () => {
    const due = judged('past_due', { pastDueSince: now });
    expect([opensFeatures(due, new Date(days(7).getTime() - 1)), opensFeatures(due, days(7))]).toEqual([true, false]);
    expect(opensFeatures(judged('past_due', { pastDueSince: now, graceDays: 0 }), now)).toBe(false);
  });
});

it('the operator’s word is taken as it is; a trial begins now', () => {
  const subscription = heard(news('updated', 1, 'past_due'));
  subscription.set('trialing', 'solo', 30, now);
  expect(subscription).toMatchObject({ status: 'trialing', planTier: 'solo', trialEndsAt: days(30), pastDueSince: null });
  subscription.set('canceled', 'solo', 30, at(5));
  expect(subscription).toMatchObject({ status: 'canceled', canceledAt: at(5) });
  subscription.set('active', 'team', 30, at(6));
  expect(subscription).toMatchObject({ status: 'active', planTier: 'team', canceledAt: null });
});

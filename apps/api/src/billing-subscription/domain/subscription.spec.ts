import { opensFeatures, statusAt, Subscription } from './subscription.js';

const now = new Date('2026-11-24T12:00:00Z');
const facts = { organizationId: 1, productId: 2, planTier: 'team' };

describe('a new subscription', () => {
  it('tries the product for as many days as it offers', () => {
    expect(Subscription.start({ ...facts, trialDays: 14 }, now)).toMatchObject({ status: 'trialing', trialEndsAt: new Date('2026-12-08T12:00:00Z') });
  });

  it('is incomplete where there is no trial', () => {
    expect(Subscription.start({ ...facts, trialDays: 0 }, now)).toMatchObject({ status: 'incomplete', trialEndsAt: null });
  });
});

describe('the status at a moment', () => {
  const end = new Date('2026-12-08T12:00:00Z');

  it.each([
    ['trialing', new Date(end.getTime() - 1), 'trialing'],
    ['trialing', end, 'incomplete'],
    ['active', end, 'active'],
    ['canceled', now, 'canceled'],
  ] as const)('of one that is %s, at %s, is %s', (status, moment, expected) => {
    expect(statusAt(status, end, moment)).toBe(expected);
  });
});

it.each([
  ['trialing', true],
  ['active', true],
  ['past_due', true],
  ['incomplete', false],
  ['canceled', false],
  ['unpaid', false],
] as const)('one that is %s opens features: %s', (status, opens) => {
  expect(opensFeatures(status)).toBe(opens);
});

import { Milestone, type MilestoneFacts, type MilestoneStatus } from './milestone.js';

const now = new Date('2026-11-24T12:00:00Z');
const plan = (facts: Partial<MilestoneFacts> = {}) => Milestone.plan({ id: 5, organizationId: 1 }, { name: 'Beta', ...facts }, 7, now);
const NONE = { total: 0, completed: 0 };

it('a new milestone is being planned, where only its name is said', () => {
  expect(plan()).toEqual({
    organizationId: 1, projectId: 5, name: 'Beta', description: null, targetDate: null, status: 'planning', version: null,
    createdById: 7, createdAt: now, updatedAt: now,
  });
});

it('what is not changed stays', () => {
  const later = new Date('2026-11-25T12:00:00Z');
  const milestone = plan({ version: '1.0', targetDate: '2026-12-01' });
  milestone.update({ targetDate: null, status: 'active' }, later);
  expect(milestone).toMatchObject({ name: 'Beta', version: '1.0', targetDate: null, status: 'active', createdAt: now, updatedAt: later });
});

it.each<[number, number, MilestoneStatus, number]>([
  [0, 0, 'planning', 0],
  [0, 0, 'active', 0],
  [0, 0, 'cancelled', 0],
  [0, 0, 'completed', 100],
  [3, 0, 'active', 0],
  [3, 1, 'active', 33],
  [3, 2, 'active', 67],
  [3, 3, 'active', 100],
  [3, 1, 'completed', 33],
])('of %d issues, %d of them done, a milestone that is %s has come %d%%', (total, completed, status, progress) => {
  expect(plan({ status }).standing({ total, completed }, now)).toMatchObject({ progress, issues: { total, completed } });
});

it.each<[string, string, number]>([
  ['2026-11-24', '2026-11-24T00:00:00.000Z', 0],
  ['2026-11-24', '2026-11-24T23:59:59.999Z', 0],
  ['2026-11-24', '2026-11-25T00:00:00.000Z', -1],
  ['2026-11-25', '2026-11-24T23:59:59.999Z', 1],
  ['2027-11-24', '2026-11-24T12:00:00.000Z', 365],
  ['2024-02-29', '2026-11-24T12:00:00.000Z', -999],
])('until %s it is, at %s, %d days', (targetDate, moment, daysRemaining) => {
  expect(plan({ targetDate }).standing(NONE, new Date(moment))).toMatchObject({ daysRemaining, isOverdue: daysRemaining < 0 });
});

it.each<[MilestoneStatus, boolean]>([
  ['planning', true],
  ['active', true],
  ['completed', false],
  ['cancelled', false],
])('whose day has passed while it is %s is overdue: %s', (status, isOverdue) => {
  expect(plan({ status, targetDate: '2026-11-23' }).standing(NONE, now).isOverdue).toBe(isOverdue);
});

it('without a day is never overdue, and has none remaining', () => {
  expect(plan().standing(NONE, now)).toMatchObject({ isOverdue: false, daysRemaining: null });
});

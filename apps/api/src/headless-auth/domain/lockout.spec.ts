import { LOCKOUT, secondsLeft } from './lockout.js';

const start = new Date('2026-11-24T12:00:00Z');

it.each([
  [0, 900],
  [1, 899],
  [0.5, 900],
  [899.5, 1],
  [905, 1],
])('%d seconds into a lock of a quarter of an hour, %d are left', (elapsed, left) => {
  expect(secondsLeft(start, LOCKOUT.accountAndAddress, new Date(start.getTime() + elapsed * 1000))).toBe(left);
});

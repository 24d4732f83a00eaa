import { Budget } from './budget.js';

const budget = (spent: number, msLeft: number) => Budget.of({ limit: 10, spent, windowSeconds: 60, msLeft });

describe('a budget', () => {
  it.each([
    [1, 9, false],
    [10, 0, false],
    [11, 0, true],
  ])('after %i of 10 requests has %i left and is exceeded: %s', (spent, remaining, isExceeded) => {
    expect(budget(spent, 60_000)).toMatchObject({ limit: 10, remaining, isExceeded });
  });

  it.each([
    [60_000, 60, 60],
    [59_001, 60, 60],
    [1, 1, 1],
    [0, 0, 1],
    [-5, 0, 1],
    [60_250, 60, 60],
  ])('whose window ends in %i ms says so in whole seconds: %i, and asks to wait %i', (msLeft, resetIn, retryAfter) => {
    expect(budget(1, msLeft)).toMatchObject({ resetIn, retryAfter });
  });

  it('tells the end of its window no earlier than it comes', () => {
    expect(budget(1, 1_500).resetAt(new Date(10_000_600))).toBe(10_003);
    expect(budget(1, 1_400).resetAt(new Date(10_000_600))).toBe(10_002);
  });

  it('that nobody counts is whole, and its window is over', () => {
    expect(Budget.whole(10, 60)).toMatchObject({ limit: 10, remaining: 10, isExceeded: false, resetIn: 0, windowSeconds: 60 });
  });
});

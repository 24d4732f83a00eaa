import { ReloadBudget } from './reload-budget.js';

describe('the budget of reloads for unknown keys', () => {
  it('allows a few at once, then one a second', () => {
    let elapsed = 0;
    const budget = new ReloadBudget(() => elapsed);
    const spend = (times: number) => Array.from({ length: times }, () => budget.spend()).filter(Boolean).length;

    expect(spend(1000)).toBe(5);
    elapsed = 999;
    expect(spend(1000)).toBe(0);
    elapsed = 1000;
    expect(spend(1000)).toBe(1);
    elapsed = 3500;
    expect(spend(1000)).toBe(2);
    elapsed = 4000;
    expect(spend(1000)).toBe(1);
  });

  it('saves no more than those few', () => {
    let elapsed = 0;
    const budget = new ReloadBudget(() => elapsed);
    elapsed = 86_400_000;

    expect(Array.from({ length: 1000 }, () => budget.spend()).filter(Boolean)).toHaveLength(5);
  });
});

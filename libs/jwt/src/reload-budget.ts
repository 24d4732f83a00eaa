const BURST = 5;
const REFILL_MS = 1000;

/** One reload a second in the long run, a few at once after a quiet while: strangers' tokens cost no more than that. */
export class ReloadBudget {
  private left = BURST;
  private filledAt: number;

  /** `elapsed` tells milliseconds from any beginning. */
  constructor(private readonly elapsed: () => number = () => performance.now()) {
    this.filledAt = elapsed();
  }

  spend(): boolean {
    const refills = Math.floor((this.elapsed() - this.filledAt) / REFILL_MS);
    this.left = Math.min(BURST, this.left + refills);
    this.filledAt += refills * REFILL_MS;
    if (this.left === 0) return false;
    this.left -= 1;
    return true;
  }
}

import type { Clock } from '#clock';

/** Lets something happen at most once in an interval: an outage makes every poll of every worker fail. */
export class Seldom {
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly intervalSeconds: number,
  ) {}

  mayNow(): boolean {
    const now = this.clock.now().getTime();
    // A clock set back must not silence it for good.
    if (now >= this.last && now - this.last < this.intervalSeconds * 1_000) return false;
    this.last = now;
    return true;
  }
}

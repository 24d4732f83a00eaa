import type { RequestBudget } from '#domain';

interface Spending {
  readonly limit: number;
  /** Requests in this window, the present one and those beyond the limit included. */
  readonly spent: number;
  readonly windowSeconds: number;
  /** Milliseconds until the window ends. */
  readonly msLeft: number;
}

/** What an account has left in its present window. */
export class Budget implements RequestBudget {
  private constructor(
    readonly limit: number,
    readonly remaining: number,
    readonly isExceeded: boolean,
    readonly windowSeconds: number,
    private readonly msLeft: number,
  ) {}

  static of({ limit, spent, windowSeconds, msLeft }: Spending): Budget {
    return new Budget(limit, Math.max(0, limit - spent), spent > limit, windowSeconds, Math.min(Math.max(0, msLeft), windowSeconds * 1000));
  }

  /** Nobody counts. */
  static whole(limit: number, windowSeconds: number): Budget {
    return Budget.of({ limit, spent: 0, windowSeconds, msLeft: 0 });
  }

  /** Seconds, rounded up, so that whoever waits for them waits long enough. */
  get resetIn(): number {
    return Math.ceil(this.msLeft / 1000);
  }

  /** Unix seconds, rounded up. */
  resetAt(now: Date): number {
    return Math.ceil((now.getTime() + this.msLeft) / 1000);
  }

  /** Seconds until another try makes sense. */
  get retryAfter(): number {
    return Math.max(1, this.resetIn);
  }
}

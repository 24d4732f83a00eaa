import { availableParallelism } from 'node:os';
import { DomainError } from '#domain';

const LONGEST_WAIT_MS = 1000;
/** A bcrypt of cost 12 on a common core, until this machine has shown its own. */
const FIRST_ESTIMATE_MS = 225;
/** How far one measurement moves the estimate: a burst of slow hashes shows within ten, one outlier hardly. */
const SMOOTHING = 0.2;

/**
 * Admits as many password hashes at once as there are cores, lets a second's work wait, and refuses the rest at once:
 * under a login storm some get an answer soon and the others an honest one, instead of all of them none.
 */
export class HashQueue {
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private estimate = FIRST_ESTIMATE_MS;

  constructor(
    private readonly width: number = availableParallelism(),
    private readonly longestWait: number = LONGEST_WAIT_MS,
  ) {}

  /** @throws DomainError overloaded, at once, where the work would wait too long */
  async run<Result>(hash: () => Promise<Result>): Promise<Result> {
    this.assertRoom();
    await this.turn();
    const begun = performance.now();
    try {
      return await hash();
    } finally {
      this.estimate += SMOOTHING * (performance.now() - begun - this.estimate);
      this.pass();
    }
  }

  /** For a caller who would rather be refused before it has asked the database. @throws DomainError overloaded */
  assertRoom(): void {
    if (this.running < this.width) return;
    const wait = ((this.waiting.length + 1) * this.estimate) / this.width;
    if (wait > this.longestWait) throw new DomainError('overloaded', { retryAfter: 1 });
  }

  private async turn(): Promise<void> {
    if (this.running >= this.width) {
      await new Promise<void>((begin) => this.waiting.push(begin));
      return;
    }
    this.running += 1;
  }

  /** The place goes straight to who waited longest, so that nobody who comes just then can slip in before. */
  private pass(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

const TURN_MS = 10;

/** A clock of this process's own, in which the instances live too: while the machine does not let it run, no time goes by. */
export class OwnTime {
  private turns = 0;
  private readonly timer = setInterval(() => (this.turns += 1), TURN_MS);

  get ms(): number {
    return this.turns * TURN_MS;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

interface Waiting {
  tries: number;
  readonly wake: (() => void)[];
}

/**
 * The tries that this instance is evaluating, by account and address. While there are any, a full window is no verdict
 * yet: whoever knows the password and comes twenty times at once has failed not once.
 */
export class TriesUnderWay {
  private readonly byPair = new Map<string, Waiting>();

  begin(pair: string): void {
    const present = this.byPair.get(pair);
    if (present === undefined) this.byPair.set(pair, { tries: 1, wake: [] });
    else present.tries += 1;
  }

  /** Who waits looks again where this try left room, and when no other can leave any. */
  end(pair: string, { leftRoom }: { leftRoom: boolean }): void {
    const present = this.byPair.get(pair);
    if (present === undefined) return;
    present.tries -= 1;
    if (present.tries === 0) this.byPair.delete(pair);
    else if (!leftRoom) return;
    for (const wake of present.wake.splice(0)) wake();
  }

  /** The moment to look again; null where no try is under way. */
  next(pair: string): Promise<void> | null {
    const present = this.byPair.get(pair);
    return present === undefined ? null : new Promise((resolve) => present.wake.push(resolve));
  }
}

import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

interface Round {
  readonly name: string;
  readonly pauseMs: number;
  readonly work: () => Promise<void>;
}

/** Work that comes round by itself, on every instance: it must bear being done by two at once. */
@Injectable()
export class Rounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Rounds.name);
  private readonly rounds: Round[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  private stopped = false;

  /** Called while the application initializes. The pause is between an end and the next beginning; a failure is logged, and the next round comes. */
  every(pauseSeconds: number, name: string, work: () => Promise<void>): void {
    this.rounds.push({ name, pauseMs: pauseSeconds * 1000, work });
  }

  onApplicationBootstrap(): void {
    for (const round of this.rounds) this.next(round);
  }

  /** Before the database is let go. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.underWay);
  }

  private next(round: Round): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const turn = this.turn(round).finally(() => {
        this.underWay.delete(turn);
        this.next(round);
      });
      this.underWay.add(turn);
    }, round.pauseMs);
    this.timers.add(timer.unref());
  }

  private async turn({ name, work }: Round): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn({ msg: 'a round failed', round: name, reason: String(error) });
    }
  }
}

import { Logger } from '@nestjs/common';

/** Credentials that are remembered while nobody takes them, as in an outage of the database. */
const MOST_REMEMBERED = 100_000;

interface Seen {
  readonly requests: number;
  readonly lastAt: Date;
}

/** Takes what was collected; where it fails, it is offered the same again, and more. */
export interface Reader<T> {
  readonly name: string;
  take(seen: readonly T[]): Promise<void>;
}

/** What is counted in memory until readers take it; each reader is handed all of it, once. */
export class Collected<T extends Seen> {
  private readonly logger = new Logger('Traffic');
  private readonly waiting = new Map<Reader<T>, Map<string, T>>();

  constructor(private readonly keyOf: (seen: T) => string) {}

  register(reader: Reader<T>): void {
    this.waiting.set(reader, new Map());
  }

  add(seen: T): void {
    for (const known of this.waiting.values()) this.remember(known, seen);
  }

  async flush(): Promise<void> {
    await Promise.all([...this.waiting].map(async ([reader, seen]) => this.handOver(reader, seen)));
  }

  private async handOver(reader: Reader<T>, seen: Map<string, T>): Promise<void> {
    if (seen.size === 0) return;
    const taken = [...seen.values()];
    seen.clear();
    try {
      await reader.take(taken);
    } catch (error) {
      this.logger.warn({ msg: 'what was seen of the traffic waits', reader: reader.name, reason: String(error) });
      for (const one of taken) this.remember(seen, one);
    }
  }

  private remember(known: Map<string, T>, seen: T): void {
    const key = this.keyOf(seen);
    const before = known.get(key);
    if (before === undefined && known.size >= MOST_REMEMBERED) return;
    known.set(key, before === undefined ? seen : merged(before, seen));
  }
}

function merged<T extends Seen>(one: T, other: T): T {
  const later = one.lastAt > other.lastAt ? one : other;
  return { ...later, requests: one.requests + other.requests };
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ChangeListener, Database } from '#database';
import { Redis } from '#redis';

/** PostgreSQL refuses a payload of 8,000 bytes. */
const MOST_CHARACTERS = 7_900;

interface Hearer {
  readonly heard: (words: readonly string[]) => void;
  readonly missed: () => void;
}

/**
 * Tells every instance on this database what changed, by a few ids and never by its content: who hears it asks the database.
 * Over PostgreSQL's NOTIFY, or over Redis where there is one. A word can be lost; `missed` says when.
 */
@Injectable()
export class Signals implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Signals.name);
  private readonly hearers = new Map<string, Hearer>();
  private listener: ChangeListener | undefined;

  constructor(
    private readonly database: Database,
    private readonly redis: Redis,
  ) {}

  /** Called while the application initializes. */
  hear(channel: string, heard: Hearer['heard'], missed: Hearer['missed']): void {
    this.hearers.set(channel, { heard, missed });
  }

  /** One connection hears all channels. */
  async onApplicationBootstrap(): Promise<void> {
    const missed = (): void => {
      for (const hearer of this.hearers.values()) hearer.missed();
    };
    this.listener = new ChangeListener(this.database, [...this.hearers.keys()], (payload, channel) => this.tell(channel, payload), missed);
    await this.listener.start();
    for (const [channel, hearer] of this.hearers) this.redis.subscribe(channel, (payload) => this.tell(channel, payload), hearer.missed);
  }

  /** Before the database is let go: it waits for whoever still holds a connection. */
  onModuleDestroy(): void {
    this.listener?.stop();
  }

  /** In the transaction under way: heard after its commit, and not without it. Words hold no comma. */
  async announce(channel: string, words: readonly string[]): Promise<void> {
    const payloads = packed(words);
    if (!this.redis.isConfigured) return this.notify(channel, payloads);
    this.database.afterCommit(() => void this.publish(channel, payloads));
  }

  private tell(channel: string, payload: string): void {
    this.hearers.get(channel)?.heard(payload.split(','));
  }

  /** Where Redis is away, PostgreSQL carries it. */
  private async publish(channel: string, payloads: readonly string[]): Promise<void> {
    try {
      for (const payload of payloads) await this.redis.publish(channel, payload);
    } catch {
      await this.notify(channel, payloads).catch((error: unknown) => this.logger.warn({ msg: 'a signal was lost', channel, reason: String(error) }));
    }
  }

  private async notify(channel: string, payloads: readonly string[]): Promise<void> {
    await this.database.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [channel, payloads]);
  }
}

function packed(words: readonly string[]): string[] {
  const payloads: string[] = [];
  for (const word of new Set(words)) {
    const last = payloads.at(-1);
    if (last !== undefined && last.length + word.length < MOST_CHARACTERS) payloads[payloads.length - 1] = `${last},${word}`;
    else payloads.push(word);
  }
  return payloads;
}

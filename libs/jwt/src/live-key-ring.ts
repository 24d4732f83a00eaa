import { Logger } from '@nestjs/common';
import { ChangeListener, type Database } from '#database';
import { DomainError } from '#domain';
import { TimedKeyRing } from './key-ring.js';
import { ReloadBudget } from './reload-budget.js';
import type { SigningKey } from './signing-key.js';
import { KEYS_CHANGED, type SigningKeyStore } from './signing-key-store.js';

const POLL_MS = 30_000;

/**
 * The database's keys as this instance knows them: read anew when a change is announced, every 30 s, and for a kid that
 * it has never seen.
 */
export class LiveKeyRing {
  private readonly logger = new Logger(LiveKeyRing.name);
  private readonly listener: ChangeListener;
  private readonly budget = new ReloadBudget();
  private ring = new TimedKeyRing([]);
  private failed = false;
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: SigningKeyStore,
    database: Database,
  ) {
    const reload = (): void => void this.tryReload();
    this.listener = new ChangeListener(database, [KEYS_CHANGED], reload, reload);
  }

  get current(): TimedKeyRing {
    return this.ring;
  }

  /** Listens before it reads: a change in between is heard. */
  async start(): Promise<void> {
    await this.listener.start();
    await this.reload();
    this.poll = setInterval(() => void this.tryReload(), POLL_MS).unref();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.poll);
    this.listener.stop();
  }

  /** One reading at a time; who asks during one gets the next, since the one under way may have read too early. */
  reload(): Promise<void> {
    this.next ??= this.running.then(() => {
      this.next = undefined;
      const reading = this.read();
      this.running = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }

  /**
   * The published key of a kid. Another instance may just have made it: an unknown one is worth a look at the table,
   * though not any number of looks.
   * @throws DomainError unavailable where the database cannot be asked: an outage is no forgery
   */
  async find(kid: string, now: Date): Promise<SigningKey | undefined> {
    if (this.ring.has(kid)) return this.ring.find(kid, now);
    if (this.next !== undefined || this.budget.spend()) {
      await this.reload().catch((error: unknown) => {
        throw new DomainError('unavailable', { cause: error });
      });
    } else if (this.failed) throw new DomainError('unavailable');
    return this.ring.find(kid, now);
  }

  private async read(): Promise<void> {
    try {
      this.ring = new TimedKeyRing(await this.store.loadCommitted());
      this.failed = false;
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  /** Where reading fails, the keys known so far stay good. */
  private async tryReload(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      if (!this.stopped) this.logger.warn(`The signing keys could not be read: ${(error as Error).message}`);
    }
  }
}

import { Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { Database } from './database.js';

const RECONNECT_AFTER_MS = 1000;

/** LISTENs on a connection of its own, and connects anew for as long as it is not stopped. */
export class ChangeListener {
  private readonly logger = new Logger(ChangeListener.name);
  private client: PoolClient | undefined;
  private retry: NodeJS.Timeout | undefined;
  private down = false;
  private stopped = false;

  /** `missed` is called after each reconnection, for what was said while nobody listened. */
  constructor(
    private readonly database: Database,
    private readonly channels: readonly string[],
    private readonly heard: (payload: string, channel: string) => void,
    private readonly missed: () => void,
  ) {}

  /** Resolves when the first try is over; a failed one is repeated in the background. */
  async start(): Promise<void> {
    let client: PoolClient | undefined;
    try {
      client = await this.database.pool.connect();
      await this.listen(client);
    } catch (error) {
      this.lost(client, error);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.drop();
  }

  private async listen(client: PoolClient): Promise<void> {
    this.client = client;
    if (this.stopped) return this.drop();
    client.on('notification', ({ payload, channel }) => this.heard(payload ?? '', channel));
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client, new Error('the connection ended')));
    await client.query(this.channels.map((channel) => `LISTEN ${client.escapeIdentifier(channel)}`).join('; '));
    if (!this.down) return;
    this.down = false;
    this.logger.log(`Listening on ${this.channels.join(', ')} again`);
    this.missed();
  }

  /** A connection tells its end more than once: only the first time counts. */
  private lost(client: PoolClient | undefined, reason: unknown): void {
    if (this.stopped || this.client !== client) return;
    this.drop();
    if (!this.down) this.logger.warn(`Not listening on ${this.channels.join(', ')}: ${String(reason)}`);
    this.down = true;
    this.retry = setTimeout(() => void this.start(), RECONNECT_AFTER_MS).unref();
  }

  private drop(): void {
    const client = this.client;
    this.client = undefined;
    client?.release(true);
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '#config';
import { fingerprintOf } from '#secrets';
import { connection, type RedisConnection } from './connection.js';
import { inTime, PATIENCE_MS } from './in-time.js';

const RETRY_MS = 500;
/** Asks for what a caller needs: a script may run, and may write. */
const PROBE = `return redis.call('set', KEYS[1], 1, 'ex', 1)`;

/**
 * The process's one connection to Redis, which may be missing at any moment: what is asked is answered soon or refused, and
 * after the first silence refused at once until Redis answers again.
 */
@Injectable()
export class Redis implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Redis.name);
  private readonly client: RedisConnection | undefined;
  private readonly channelPrefix: string;
  private listener: RedisConnection | undefined;
  private isAway = false;
  private isClosed = false;

  constructor({ redisUrl, secretsKey }: Config) {
    // Services that share a Redis, and nothing else, must not count each other's requests, nor hear each other.
    this.channelPrefix = `kiket:${fingerprintOf(secretsKey, 'redis').slice(0, 16)}:`;
    if (redisUrl === undefined) return;
    this.client = connection(redisUrl, this.channelPrefix);
    this.client.on('error', (error: Error) => this.lost(error));
  }

  get isConfigured(): boolean {
    return this.client !== undefined;
  }

  /** A Redis that is away delays the start by a moment and does not prevent it. */
  async onModuleInit(): Promise<void> {
    if (this.client !== undefined) await inTime(this.client.connect()).catch((error: unknown) => this.lost(error));
  }

  /** Runs a script; rejects where Redis is away: at once, where that is known. */
  async eval(script: string, about: { keys: string[]; arguments: string[] }): Promise<unknown> {
    if (this.client === undefined || this.isAway) throw new Error('Redis is away');
    try {
      return await inTime(this.client.eval(script, about));
    } catch (error) {
      this.lost(error);
      throw error;
    }
  }

  /** Rejects where Redis is away: at once, where that is known. */
  async publish(channel: string, message: string): Promise<void> {
    if (this.client === undefined || this.isAway) throw new Error('Redis is away');
    try {
      await inTime(this.client.publish(`${this.channelPrefix}${channel}`, message));
    } catch (error) {
      this.lost(error);
      throw error;
    }
  }

  /** Hears a channel on a connection of its own, for as long as we live; `missed` is called whenever that connection is made anew. */
  subscribe(channel: string, heard: (message: string) => void, missed: () => void): void {
    if (this.client === undefined) return;
    const listener = this.listening(this.client);
    listener.on('ready', missed);
    void listener.subscribe(`${this.channelPrefix}${channel}`, heard).catch((error: unknown) => this.lost(error));
  }

  onApplicationShutdown(): void {
    this.isClosed = true;
    this.client?.destroy();
    this.listener?.destroy();
  }

  /** A subscription that is asked for before there is a connection waits for one. */
  private listening(client: RedisConnection): RedisConnection {
    if (this.listener !== undefined) return this.listener;
    this.listener = client.duplicate({ disableOfflineQueue: false });
    this.listener.on('error', (error: Error) => this.lost(error));
    void this.listener.connect().catch((error: unknown) => this.lost(error));
    return this.listener;
  }

  /** One line an outage, however many notice it. */
  private lost(error: unknown): void {
    if (this.isAway || this.isClosed) return;
    this.isAway = true;
    this.logger.warn({ msg: 'Redis is away', reason: reasonOf(error) });
    void this.awaitReturn();
  }

  private async awaitReturn(): Promise<void> {
    do await pause(RETRY_MS, undefined, { ref: false });
    while (!this.isClosed && !(await this.answers()));
    if (this.isClosed) return;
    this.isAway = false;
    this.logger.log({ msg: 'Redis is back' });
  }

  /** Waits as long as it takes, since nobody else does; but what answers late would only keep requests waiting. */
  private async answers(): Promise<boolean> {
    const asked = performance.now();
    try {
      await this.client?.eval(PROBE, { keys: ['probe'] });
      return performance.now() - asked < PATIENCE_MS;
    } catch {
      return false;
    }
  }
}

/** Node tells of several refused addresses in an error without a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}

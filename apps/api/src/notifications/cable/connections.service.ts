import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { Signals } from '#signals';
import { Admission } from './admission.service.js';
import { type Connection, GOING_AWAY, type Holder } from './connection.js';
import { pingFrame } from './protocol.js';
import { textFrame } from './text-frame.js';

/** Said by the database itself, whoever ends a credential: `session:7`, `membership:7`, `user:7`, `organization:7`, `product:7`. */
const STANDING = 'kiket_standing';
const JUDGED_SECONDS = 15;
const TICK_MS = 1_000;
/** Each connection is pinged at every third tick; a client calls a socket stale after twice that. */
const SHARDS = 3;
/** Judged together; ten thousand at once would fill the memory for a moment. */
const AT_ONCE = 250;

/** All connections of this instance: kept alive by pings, and ended the moment their holder may not listen any more. */
@Injectable()
export class Connections implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(Connections.name);
  private readonly shards = Array.from({ length: SHARDS }, () => new Set<Connection>());
  private ticks = 0;
  private added = 0;
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  /** Grows with every word about somebody's standing. */
  private words = 0;

  constructor(
    private readonly signals: Signals,
    private readonly rounds: Rounds,
    private readonly admission: Admission,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.signals.hear(STANDING, (words) => this.hear(new Set(words)), () => void this.judgeAll());
    // Also what ends by time alone: a trial, a period of grace.
    this.rounds.every(JUDGED_SECONDS, 'standing of connections', async () => this.judgeAll());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  get size(): number {
    return this.shards.reduce((total, shard) => total + shard.size, 0);
  }

  /** To be compared when a judgement that was begun now is over: what was heard meanwhile may have changed it. */
  get heard(): number {
    return this.words;
  }

  add(connection: Connection, heardBefore: number): void {
    this.shards[this.added % SHARDS]?.add(connection);
    this.added += 1;
    if (this.isStopping) connection.disconnect('server_restart', GOING_AWAY);
    if (heardBefore !== this.words) void this.judge([connection]);
  }

  remove(connection: Connection): void {
    for (const shard of this.shards) shard.delete(connection);
  }

  /** Tells everybody to come back, elsewhere or later. */
  endAll(): void {
    this.isStopping = true;
    clearInterval(this.timer);
    for (const connection of this.all()) connection.disconnect('server_restart', GOING_AWAY);
  }

  private *all(): Generator<Connection> {
    for (const shard of this.shards) yield* shard;
  }

  private tick(): void {
    const now = this.clock.now();
    const ping = textFrame(pingFrame(now));
    this.ticks += 1;
    for (const connection of this.shards[this.ticks % SHARDS] ?? []) connection.send(ping);
    const expired = [...this.all()].filter(({ holder }) => holder !== null && holder.expiresAt <= now.getTime());
    // The database's clock decides, and says so when they are judged.
    if (expired.length > 0) void this.judge(expired);
  }

  private hear(words: ReadonlySet<string>): void {
    this.words += 1;
    void this.judge([...this.all()].filter(({ holder }) => holder !== null && concerns(words, holder)));
  }

  private async judgeAll(): Promise<void> {
    await this.judge([...this.all()]);
  }

  private async judgeOne(connection: Connection): Promise<void> {
    if (connection.holder === null || connection.isEnded) return;
    const objection = await this.admission.objection(connection.holder);
    if (objection !== null) connection.disconnect(objection);
  }

  private async judge(connections: readonly Connection[]): Promise<void> {
    try {
      for (let from = 0; from < connections.length; from += AT_ONCE) await Promise.all(connections.slice(from, from + AT_ONCE).map(async (one) => this.judgeOne(one)));
    } catch (error) {
      this.logger.warn({ msg: 'connections were not judged', reason: String(error) });
    }
  }
}

function concerns(words: ReadonlySet<string>, holder: Holder): boolean {
  return (
    words.has(`session:${holder.sessionId}`) ||
    words.has(`membership:${holder.membershipId}`) ||
    words.has(`user:${holder.userId}`) ||
    words.has(`organization:${holder.organizationId}`) ||
    words.has(`product:${holder.productId}`)
  );
}

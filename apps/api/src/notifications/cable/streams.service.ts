import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { Signals } from '#signals';
import { INBOXES } from '../inbox.service.js';
import { type InboxState, InboxRepository, type Streamed } from '../storage/inbox.repository.js';
import type { Connection } from './connection.js';
import { Encoder } from './encoder.js';
import { type Listener, Stream } from './stream.js';
import type { Subscription } from './subscription.js';

/** A word may be lost: so often everybody is compared with the database. */
const COMPARED_SECONDS = 10;
const MOST_AT_ONCE = 10_000;
const CATCH_UP = 100;

/**
 * Tells members' connections on this instance what comes into their inboxes. It hears who is told something, and reads what it
 * is from the database, many members in one statement: what is stored is told, in its order, whatever was heard of it.
 */
@Injectable()
export class Streams implements OnModuleInit {
  private readonly logger = new Logger(Streams.name);
  private readonly streams = new Map<number, Stream>();
  /** Members of whom something was heard, and which connection knows it already. */
  private heard = new Map<number, string>();
  private reading: Promise<void> | null = null;

  constructor(
    private readonly signals: Signals,
    private readonly rounds: Rounds,
    private readonly inboxes: InboxRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.signals.hear(INBOXES, (words) => this.hear(words), () => this.compareAll());
    this.rounds.every(COMPARED_SECONDS, 'comparison of streams', async () => this.compareAll());
  }

  /** Listens for a subscription, which waits until it knows where it begins. */
  async join(connection: Connection, subscription: Subscription): Promise<{ stream: Stream; state: InboxState }> {
    const { membershipId, organizationId } = holderOf(connection);
    const stream = this.streams.get(membershipId) ?? new Stream(membershipId, organizationId);
    this.streams.set(membershipId, stream);
    stream.listeners.push({ connection, subscription });
    const state = await this.inboxes.open(membershipId, organizationId);
    stream.learn(state);
    if (stream.isOutrun) this.heard.set(membershipId, '');
    stream.isOutrun = false;
    this.readSoon();
    return { stream, state };
  }

  streamOf(connection: Connection): Stream | undefined {
    return connection.holder === null ? undefined : this.streams.get(connection.holder.membershipId);
  }

  leave(connection: Connection, subscription?: Subscription): void {
    const stream = this.streamOf(connection);
    if (stream === undefined) return;
    stream.remove(connection, subscription);
    if (stream.listeners.length === 0) this.streams.delete(stream.membershipId);
  }

  /** Ends a subscription's waiting where nothing was told meanwhile, else with what was. */
  async goLive(listener: Listener, stream: Stream): Promise<void> {
    if ((stream.head ?? 0) <= listener.subscription.last) listener.subscription.waits = false;
    else await this.catchUp(listener, stream, listener.subscription.last);
  }

  /** Tells a waiting subscription all that comes after an offset, in order, and lets it go live. */
  async catchUp({ connection, subscription }: Listener, stream: Stream, from: number): Promise<void> {
    subscription.beginAt(from);
    for (;;) {
      const { head } = stream;
      const rows = await this.inboxes.after(stream.membershipId, subscription.last, CATCH_UP);
      for (const row of rows) this.tell({ connection, subscription }, row, this.encoded(stream, row, connection));
      // What others were told while this was read is not in it.
      const isLevel = rows.length < CATCH_UP && (stream.head === head || subscription.last >= (stream.head ?? 0));
      if (isLevel || connection.isEnded) break;
    }
    subscription.waits = false;
  }

  /** Tells a living subscription what came before it began. */
  async tellEarlier({ connection, subscription }: Listener, stream: Stream, from: number): Promise<void> {
    const { floor } = subscription;
    if (from >= floor) return;
    const rows = await this.inboxes.after(stream.membershipId, from, floor - from);
    for (const row of rows) if (row.offset <= floor) connection.send(this.encoded(stream, row, connection).frameFor(connection, subscription));
    subscription.lowerFloor(from);
  }

  private hear(words: readonly string[]): void {
    for (const word of words) {
      const [kind, id, origin = ''] = word.split(':');
      const membershipId = Number(id);
      if (!this.streams.has(membershipId)) continue;
      const knows = kind === 'u' && (this.heard.get(membershipId) ?? origin) === origin ? origin : '';
      this.heard.set(membershipId, knows);
    }
    this.readSoon();
  }

  private compareAll(): void {
    for (const id of this.streams.keys()) if (!this.heard.has(id)) this.heard.set(id, '');
    this.readSoon();
  }

  /** What is heard in one turn is read together, and one reading after another, so that order is kept. */
  private readSoon(): void {
    if (this.reading !== null || this.heard.size === 0) return;
    this.reading = new Promise((resolve) => setImmediate(resolve))
      .then(async () => this.read())
      .catch((error: unknown) => this.logger.warn({ msg: 'streams wait', reason: String(error) }))
      .finally(() => {
        this.reading = null;
        this.readSoon();
      });
  }

  private async read(): Promise<void> {
    const heard = this.heard;
    this.heard = new Map();
    const behind: Behind[] = [];
    for (const state of await this.inboxes.states([...heard.keys()])) {
      const stream = this.streams.get(state.membershipId);
      if (stream === undefined) continue;
      // Whoever opens it just now reads where it stands, but may have read it before this.
      if (stream.head === null) {
        stream.isOutrun = true;
        continue;
      }
      const isNews = state.version > stream.version;
      stream.learn(state);
      if (state.lastOffset > stream.head) behind.push({ stream, membershipId: stream.membershipId, offset: stream.head, until: state.lastOffset });
      else if (isNews) this.tellUnreadCount(stream, heard.get(state.membershipId) ?? '');
    }
    if (behind.length > 0) await this.advance(behind);
  }

  private async advance(behind: readonly Behind[]): Promise<void> {
    const until = new Map(behind.map((one) => [one.membershipId, one]));
    const now = this.clock.now();
    for (const row of await this.inboxes.afterEach(behind, MOST_AT_ONCE)) {
      const one = until.get(row.membershipId);
      // What is beyond what was counted comes with the next count.
      if (one === undefined || row.offset > one.until || row.offset <= (one.stream.head ?? 0)) continue;
      this.broadcast(one, row, now);
      one.stream.head = row.offset;
    }
    for (const { stream, membershipId, until: last } of behind) if ((stream.head ?? 0) < last) this.heard.set(membershipId, '');
  }

  private broadcast({ stream, until }: Behind, row: Streamed, now: Date): void {
    let encoder: Encoder | null = null;
    // The count as it was with this one, where several come at once.
    const unreadCount = Math.max(0, stream.unreadCount - (until - row.offset));
    for (const listener of stream.listeners) {
      if (listener.subscription.waits) continue;
      encoder ??= Encoder.ofNotification(stream, row, unreadCount, now, holderOf(listener.connection).locale);
      this.tell(listener, row, encoder);
    }
  }

  private tell({ connection, subscription }: Listener, { offset }: Streamed, encoder: Encoder): void {
    if (!subscription.isNew(offset)) return;
    subscription.told(offset);
    connection.send(encoder.frameFor(connection, subscription));
  }

  private tellUnreadCount(stream: Stream, origin: string): void {
    const encoder = Encoder.ofUnreadCount(stream.unreadCount);
    for (const { connection, subscription } of stream.listeners) {
      if (!subscription.waits && connection.id !== origin) connection.send(encoder.frameFor(connection, subscription));
    }
  }

  private encoded(stream: Stream, row: Streamed, connection: Connection): Encoder {
    return Encoder.ofNotification(stream, row, stream.unreadCount, this.clock.now(), holderOf(connection).locale);
  }
}

interface Behind {
  readonly stream: Stream;
  readonly membershipId: number;
  readonly offset: number;
  readonly until: number;
}

function holderOf({ holder }: Connection) {
  if (holder === null) throw new Error('a connection without a holder hears nothing');
  return holder;
}

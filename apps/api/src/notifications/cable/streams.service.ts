import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { Signals } from '#signals';
import { type Announcement, Announcements, INBOXES } from '../announcement.js';
import { Inbox } from '../inbox.service.js';
import { type InboxState, InboxRepository, type News, type Streamed, type StreamNews } from '../storage/inbox.repository.js';
import type { Connection } from './connection.js';
import { Encoder } from './encoder.js';
import { type Listener, Stream } from './stream.js';
import type { Subscription } from './subscription.js';

/** A word may be lost: so often everybody is compared with the database. */
const COMPARED_SECONDS = 10;
/** Members, in one statement. */
const SLICE = 1_000;
const MOST_AT_ONCE = 5_000;
/** So late at most does an instance hear that a session has ended; clocks that differ are in it. */
const ENDS_HEARD_MS = 60_000;
const RETRY_MS = 500;
const CATCH_UP = 100;
const NOBODY: ReadonlySet<number> = new Set();

/**
 * Tells members' connections on this instance what comes into their inboxes. It hears who is told something, and reads what it
 * is from the database, many members in one statement: what is stored is told, in its order, whatever was heard of it. What
 * was delivered by this instance itself is told from memory, where it is the very next of its stream.
 */
@Injectable()
export class Streams implements OnModuleInit {
  private readonly logger = new Logger(Streams.name);
  private readonly streams = new Map<number, Stream>();
  private readonly heard = new Announcements();
  /** What was delivered here and not told yet, in the order of its commits. */
  private delivered: News[] = [];
  private reading: Promise<void> | null = null;

  constructor(
    private readonly signals: Signals,
    private readonly rounds: Rounds,
    private readonly inbox: Inbox,
    private readonly inboxes: InboxRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.inbox.follow((news) => this.tellSoon(news));
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
    subscription.version = state.version;
    if (stream.isOutrun) this.heard.addUnknown(membershipId);
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
    const { subscription } = listener;
    if ((stream.head ?? 0) <= subscription.last && stream.version <= subscription.version) subscription.waits = false;
    else await this.catchUp(listener, stream, subscription.last);
  }

  /** Tells a waiting subscription all that comes after an offset, in order, and lets it go live. */
  async catchUp(listener: Listener, stream: Stream, from: number): Promise<void> {
    const { connection, subscription } = listener;
    subscription.beginAt(from);
    for (;;) {
      const { head } = stream;
      const rows = await this.missed(listener, stream, subscription.last, CATCH_UP);
      for (const row of rows) this.tell(listener, row, this.encoded(stream, row, connection));
      if (rows.length > 0) subscription.version = stream.version;
      // What others were told while this was read is not in it.
      const isLevel = rows.length < CATCH_UP && (stream.head === head || subscription.last >= (stream.head ?? 0));
      if (isLevel || connection.isEnded) break;
    }
    subscription.waits = false;
    this.tellUnreadCount(stream, [listener]);
  }

  /** Tells a living subscription what came before it began. */
  async tellEarlier(listener: Listener, stream: Stream, from: number): Promise<void> {
    const { connection, subscription } = listener;
    const { floor } = subscription;
    if (from >= floor) return;
    const rows = await this.missed(listener, stream, from, floor - from);
    for (const row of rows) if (row.offset <= floor) connection.send(this.encoded(stream, row, connection).frameFor(connection, subscription));
    if (rows.length > 0) subscription.version = stream.version;
    subscription.lowerFloor(from);
  }

  /** What came after an offset, with the unread count of that moment; whose session has ended meanwhile is told nothing of it. */
  private async missed({ connection, subscription }: Listener, stream: Stream, from: number, most: number): Promise<Streamed[]> {
    const news = await this.inboxes.news([{ membershipId: stream.membershipId, offset: from }], most);
    for (const { state } of news) stream.learn(state);
    const rows = news.flatMap(({ notification }) => notification ?? []);
    if (rows.length === 0 && stream.version <= subscription.version) return rows;
    if ((await this.sessionsEnded()).has(holderOf(connection).sessionId)) connection.disconnect('remote');
    return rows;
  }

  private hear(words: readonly string[]): void {
    this.heard.hear(words);
    this.readSoon();
  }

  private compareAll(): void {
    for (const id of this.streams.keys()) this.heard.addUnknown(id);
    this.readSoon();
  }

  private tellSoon(news: readonly News[]): void {
    for (const one of news) if (this.streams.has(one.state.membershipId)) this.delivered.push(one);
    this.readSoon();
  }

  /** What is heard in one turn is read together, and one reading after another, so that order is kept. */
  private readSoon(): void {
    if (this.reading !== null || this.heard.size + this.delivered.length === 0) return;
    this.reading = nextTurn()
      .then(async () => this.tellDelivered())
      .then(async () => this.read())
      .catch(async (error: unknown) => {
        this.logger.warn({ msg: 'streams wait', reason: String(error) });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      })
      .finally(() => {
        this.reading = null;
        this.readSoon();
      });
  }

  /** What does not follow at once upon what was told is left to the database. */
  private async tellDelivered(): Promise<void> {
    const { delivered } = this;
    this.delivered = [];
    if (delivered.length === 0) return;
    try {
      const ended = await this.sessionsEnded();
      for (let from = 0; from < delivered.length; from += SLICE) {
        if (from > 0) await nextTurn();
        const now = this.clock.now();
        for (const { state, notification } of delivered.slice(from, from + SLICE)) {
          const stream = this.streams.get(state.membershipId);
          if (stream === undefined || notification.offset <= (stream.head ?? -1)) continue;
          if (notification.offset - 1 === stream.head) this.broadcast(stream, notification, state, ended, now);
          else this.heard.addUnknown(state.membershipId);
        }
      }
    } catch (error) {
      for (const { state } of delivered) this.heard.addUnknown(state.membershipId);
      throw error;
    }
  }

  /** In slices, so that others have their turn in between; what could not be read is read the next time. */
  private async read(): Promise<void> {
    const heard = this.heard.take((announcement) => this.isNews(announcement));
    const ids = [...heard.keys()];
    if (ids.length === 0) return;
    try {
      // The database reads the next slice while this one is told.
      let next = this.readSlice(ids.splice(-SLICE));
      while (ids.length > 0) {
        const slice = await next;
        next = this.readSlice(ids.splice(-SLICE));
        next.catch(() => undefined);
        this.tellSlice(slice, heard);
      }
      this.tellSlice(await next, heard);
    } catch (error) {
      for (const announcement of heard.values()) this.heard.add(announcement);
      throw error;
    }
  }

  /** Nobody listens to most members here, and what was delivered here is told already. */
  private isNews({ membershipId, upTo }: Announcement): boolean {
    const stream = this.streams.get(membershipId);
    return stream !== undefined && upTo > (stream.head ?? -1);
  }

  private async readSlice(ids: readonly number[]): Promise<Slice> {
    const news = await this.inboxes.news(ids.flatMap((id) => this.headOf(id)), MOST_AT_ONCE);
    return { ids, news, ended: await this.sessionsEnded() };
  }

  /** Asked after something was written: whoever's end was committed before that is among them, whatever was heard of it. */
  private async sessionsEnded(): Promise<ReadonlySet<number>> {
    return new Set(await this.inboxes.sessionsEndedSince(new Date(this.clock.now().getTime() - ENDS_HEARD_MS)));
  }

  private tellSlice({ ids, news, ended }: Slice, heard: ReadonlyMap<number, Announcement>): void {
    const now = this.clock.now();
    for (const { state, notification } of news) {
      const stream = this.streams.get(state.membershipId);
      if (stream === undefined || stream.head === null) continue;
      if (notification !== null && notification.offset > stream.head) this.broadcast(stream, notification, state, ended, now);
      else {
        stream.learn(state);
        this.tellUnreadCount(stream, stream.listeners, ended, heard.get(state.membershipId));
      }
    }
    // Of the last ones only a part may have been read, or nothing at all.
    if (news.length === MOST_AT_ONCE) for (const id of ids) this.heard.addUnknown(id);
  }

  /** Whoever opens it just now reads where it stands, but may have read it before this. */
  private headOf(membershipId: number): { membershipId: number; offset: number }[] {
    const stream = this.streams.get(membershipId);
    if (stream === undefined) return [];
    if (stream.head !== null) return [{ membershipId, offset: stream.head }];
    stream.isOutrun = true;
    return [];
  }

  private broadcast(stream: Stream, notification: Streamed, state: InboxState, ended: ReadonlySet<number>, now: Date): void {
    stream.learn(state);
    stream.head = notification.offset;
    let encoder: Encoder | null = null;
    // The count as it was with this one, where several come at once.
    const unreadCount = Math.max(0, stream.unreadCount - (state.lastOffset - notification.offset));
    const isLast = notification.offset === state.lastOffset;
    for (const listener of stream.listeners) {
      const { locale, sessionId } = holderOf(listener.connection);
      if (listener.subscription.waits || ended.has(sessionId) || !listener.subscription.isNew(notification.offset)) continue;
      if (encoder?.locale !== locale) encoder = Encoder.ofNotification(stream, notification, unreadCount, now, locale);
      this.tell(listener, notification, encoder);
      if (isLast) listener.subscription.version = stream.version;
    }
    // Whoever had it already may have had an older count with it.
    if (isLast) this.tellUnreadCount(stream, stream.listeners, ended);
  }

  private tell({ connection, subscription }: Listener, { offset }: Streamed, encoder: Encoder): void {
    subscription.told(offset);
    connection.send(encoder.frameFor(connection, subscription));
  }

  /** To those who were told an older one; whoever brought all of the difference about knows it. */
  private tellUnreadCount({ version, unreadCount }: Stream, listeners: readonly Listener[], ended: ReadonlySet<number> = NOBODY, heard?: Announcement): void {
    let encoder: Encoder | null = null;
    for (const { connection, subscription } of listeners) {
      if (subscription.waits || subscription.version >= version || ended.has(holderOf(connection).sessionId)) continue;
      const isKnown = heard?.origin === connection.id && subscription.version + heard.changes === version;
      subscription.version = version;
      if (isKnown) continue;
      encoder ??= Encoder.ofUnreadCount(unreadCount);
      connection.send(encoder.frameFor(connection, subscription));
    }
  }

  private encoded(stream: Stream, row: Streamed, connection: Connection): Encoder {
    return Encoder.ofNotification(stream, row, stream.unreadCount, this.clock.now(), holderOf(connection).locale);
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface Slice {
  readonly ids: readonly number[];
  readonly news: readonly StreamNews[];
  /** Sessions that are told nothing more, also in the moment before their sockets are ended. */
  readonly ended: ReadonlySet<number>;
}

function holderOf({ holder }: Connection) {
  if (holder === null) throw new Error('a connection without a holder hears nothing');
  return holder;
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { Inbox } from '../inbox.service.js';
import { InboxRepository, type InboxState } from '../storage/inbox.repository.js';
import { channelRequest, type Command, type HistoryRequest } from './commands.js';
import { type Connection, POLICY_VIOLATION } from './connection.js';
import { formOf } from './encoder.js';
import { Resumptions } from './resumptions.service.js';
import type { Listener, Stream } from './stream.js';
import { Streams } from './streams.service.js';
import { Subscription } from './subscription.js';

const MOST_SUBSCRIPTIONS = 50;
/** How far back a stream is kept for clients that were away. */
const RETAINED = 100;
const RETAINED_MS = 24 * 60 * 60 * 1000;
/** So long a restored subscription waits for its client to say what it has. */
const RESTORED_MS = 5_000;

/** What a connection's commands do: subscribe, unsubscribe, perform, and ask for what was missed. */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly database: Database,
    private readonly streams: Streams,
    private readonly inbox: Inbox,
    private readonly inboxes: InboxRepository,
    private readonly resumptions: Resumptions,
  ) {}

  async handle(connection: Connection, command: Command): Promise<void> {
    switch (command.command) {
      case 'subscribe':
        return this.subscribe(connection, command.identifier, command.history);
      case 'unsubscribe':
        return this.unsubscribe(connection, command.identifier);
      case 'message':
        return this.perform(connection, command.identifier, command.data);
      case 'history':
        return this.history(connection, command.identifier, command.history);
    }
  }

  /** Subscribes anew to what another connection was subscribed to, without a word; what comes waits for what the client says it has. */
  async restore(connection: Connection, identifiers: readonly string[]): Promise<string[]> {
    const restored: string[] = [];
    for (const identifier of identifiers.slice(0, MOST_SUBSCRIPTIONS)) {
      const request = channelRequest(identifier);
      // Whoever has left meanwhile left for good: nobody would take them off a stream again.
      if (connection.isEnded) break;
      if (request === null) continue;
      const subscription = new Subscription(identifier, formOf(connection, request.form));
      connection.subscriptions.push(subscription);
      const { stream, state } = await this.streams.join(connection, subscription);
      subscription.beginAt(state.lastOffset);
      subscription.restoredUntil = performance.now() + RESTORED_MS;
      setTimeout(() => this.release(connection, subscription, stream), RESTORED_MS).unref();
      restored.push(identifier);
    }
    return restored;
  }

  private async subscribe(connection: Connection, identifier: string, history: HistoryRequest | null): Promise<void> {
    const known = connection.find(identifier);
    if (known !== undefined) return history === null ? undefined : this.history(connection, identifier, history);
    const request = channelRequest(identifier);
    if (request === null) return connection.answer(identifier, 'reject_subscription');
    if (connection.subscriptions.length >= MOST_SUBSCRIPTIONS) return connection.close(POLICY_VIOLATION);
    const subscription = new Subscription(identifier, formOf(connection, request.form));
    connection.subscriptions.push(subscription);
    const { stream, state } = await this.streams.join(connection, subscription);
    subscription.beginAt(state.lastOffset);
    await this.resumptions.remember(connection);
    connection.answer(identifier, 'confirm_subscription');
    const listener = { connection, subscription };
    if (history !== null) return this.tellHistory(listener, stream, history);
    if (request.since === null) return this.streams.goLive(listener, stream);
    await this.streams.catchUp(listener, stream, await this.offsetAfter(state, request.since));
  }

  private async unsubscribe(connection: Connection, identifier: string): Promise<void> {
    const subscription = connection.find(identifier);
    if (subscription === undefined) return;
    this.streams.leave(connection, subscription);
    connection.remove(subscription);
    subscription.restoredUntil = null;
    await this.resumptions.remember(connection);
  }

  /** Unknown actions are ignored. */
  private async perform(connection: Connection, identifier: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const { action, id } = data;
    if (connection.holder === null || connection.find(identifier) === undefined || action !== 'mark_as_read') return;
    if (Number.isSafeInteger(id)) await this.inbox.markReadIn(connection.holder.membershipId, id as number, connection.id);
  }

  private async history(connection: Connection, identifier: string, request: HistoryRequest): Promise<void> {
    const subscription = connection.find(identifier);
    const stream = this.streams.streamOf(connection);
    if (subscription === undefined || stream === undefined) return connection.answer(identifier, 'reject_history');
    subscription.restoredUntil = null;
    await this.tellHistory({ connection, subscription }, stream, request);
  }

  /** All that was missed, in order, and then that this was all; or a refusal and nothing else. */
  private async tellHistory(listener: Listener, stream: Stream, request: HistoryRequest): Promise<void> {
    const { connection, subscription } = listener;
    const from = await this.beginning(stream, request);
    if (from === 'refused') connection.answer(subscription.identifier, 'reject_history');
    else if (subscription.waits) await this.streams.catchUp(listener, stream, from ?? subscription.last);
    else if (from !== null) await this.streams.tellEarlier(listener, stream, from);
    if (from !== 'refused') connection.answer(subscription.identifier, 'confirm_history');
    if (subscription.waits) await this.streams.goLive(listener, stream);
  }

  /** After which offset the client misses what comes; null where it asks for nothing of this stream. */
  private async beginning(stream: Stream, { streams, since }: HistoryRequest): Promise<number | 'refused' | null> {
    const state = await this.inboxes.open(stream.membershipId, stream.organizationId);
    const place: unknown = Object.hasOwn(streams, stream.id) ? streams[stream.id] : undefined;
    if (place !== undefined) return this.offsetOf(state, place);
    if (since === null) return null;
    const now = await this.database.time();
    const first = await this.inboxes.offsetSince(stream.membershipId, new Date(Math.max(since * 1000, now.getTime() - RETAINED_MS)));
    return Math.max((first ?? state.lastOffset + 1) - 1, state.lastOffset - RETAINED);
  }

  private async offsetOf({ membershipId, epoch, lastOffset }: InboxState, place: unknown): Promise<number | 'refused'> {
    const { epoch: asked, offset } = (typeof place === 'object' && place !== null ? place : {}) as { epoch?: unknown; offset?: unknown };
    if (asked !== epoch || !Number.isSafeInteger(offset)) return 'refused';
    const from = offset as number;
    if (from < 0 || from > lastOffset || from < lastOffset - RETAINED) return 'refused';
    const [missed] = await this.inboxes.after(membershipId, from, 1);
    const oldest = (await this.database.time()).getTime() - RETAINED_MS;
    return missed !== undefined && missed.createdAt.getTime() < oldest ? 'refused' : from;
  }

  /** For clients that know ids alone; what is older than what is kept, they find in their inbox. */
  private async offsetAfter({ membershipId, lastOffset }: InboxState, id: number): Promise<number> {
    const newer = await this.inboxes.offsetAfterId(membershipId, id);
    const kept = await this.inboxes.offsetSince(membershipId, new Date((await this.database.time()).getTime() - RETAINED_MS));
    const first = Math.max(newer ?? lastOffset + 1, kept ?? lastOffset + 1);
    return Math.max(first - 1, lastOffset - RETAINED);
  }

  /** The client asked for nothing in time. */
  private release(connection: Connection, subscription: Subscription, stream: Stream): void {
    if (subscription.restoredUntil === null || connection.isEnded) return;
    connection.next(async () => {
      if (subscription.restoredUntil === null) return;
      subscription.restoredUntil = null;
      await this.streams.goLive({ connection, subscription }, stream);
    });
  }
}

import type { InboxState } from '../storage/inbox.repository.js';
import type { Connection } from './connection.js';
import type { Subscription } from './subscription.js';

/** A subscription with the connection that it is of. */
export interface Listener {
  readonly connection: Connection;
  readonly subscription: Subscription;
}

/** A member's stream, as far as this instance has told it to the member's connections. */
export class Stream {
  readonly listeners: Listener[] = [];
  epoch = '';
  /** Everything up to here was told to whoever listens; null until it is known where the stream stands. */
  head: number | null = null;
  /** Whether something was heard of it before it was known where it stands. */
  isOutrun = false;
  /** Of the latest unread count that is known; who was told which, their subscriptions know. */
  version = 0;
  unreadCount = 0;

  constructor(
    readonly membershipId: number,
    readonly organizationId: number,
  ) {}

  get id(): string {
    return `notifications:${this.membershipId}`;
  }

  /** Where the stream stands, as the database says; what is older than what is known changes nothing. */
  learn({ epoch, lastOffset, unreadCount, version }: InboxState): void {
    this.epoch = epoch;
    this.head ??= lastOffset;
    if (version < this.version) return;
    this.version = version;
    this.unreadCount = unreadCount;
  }

  remove(connection: Connection, subscription?: Subscription): void {
    for (let place = this.listeners.length - 1; place >= 0; place -= 1) {
      const listener = this.listeners[place];
      if (listener?.connection === connection && (subscription === undefined || listener.subscription === subscription)) this.listeners.splice(place, 1);
    }
  }
}

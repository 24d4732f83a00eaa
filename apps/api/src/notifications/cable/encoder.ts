import type { Locale } from '#domain';
import { howLongAgo } from '../domain/how-long-ago.js';
import type { Notification, NotificationText } from '../domain/notification.js';
import type { Connection } from './connection.js';
import { dataFrame, type MessageForm, type Protocol, type StreamPlace } from './protocol.js';
import type { Stream } from './stream.js';
import type { Subscription } from './subscription.js';
import { textFrame } from './text-frame.js';

interface Frame {
  readonly protocol: Protocol;
  readonly form: MessageForm;
  readonly identifier: string;
  readonly bytes: Buffer;
}

/** Frames of one message for all who hear it: each form is written once, and its bytes are shared. */
export class Encoder {
  /** Few, and mostly one: a list is quicker than keys. */
  private readonly frames: Frame[] = [];

  private constructor(
    private readonly message: string,
    private readonly place: StreamPlace | null,
    /** Whose words are in it; null where there are none. */
    readonly locale: Locale | null,
  ) {}

  static ofNotification(stream: Stream, notification: Notification, unreadCount: number, now: Date, locale: Locale): Encoder {
    const { id, createdAt, offset } = notification;
    const shared = sharedJson(notification, createdAt, howLongAgo(createdAt, now, locale));
    const message = `{"action":"new_notification","unread_count":${unreadCount},"notification":{"id":${id},${shared}}`;
    return new Encoder(message, { stream_id: stream.id, epoch: stream.epoch, offset }, locale);
  }

  static ofUnreadCount(unreadCount: number): Encoder {
    return new Encoder(JSON.stringify({ action: 'unread_count', unread_count: unreadCount }), null, null);
  }

  frameFor({ protocol }: Connection, { identifier, form }: Subscription): Buffer {
    const known = this.frames.find((frame) => frame.protocol === protocol && frame.form === form && frame.identifier === identifier);
    if (known !== undefined) return known.bytes;
    const bytes = textFrame(dataFrame(identifier, this.message, form, protocol === 'ext' ? this.place : null));
    this.frames.push({ protocol, form, identifier, bytes });
    return bytes;
  }
}

interface Shared extends NotificationText {
  readonly createdAt: Date;
  readonly ago: string;
  readonly json: string;
}

let latest: Shared | null = null;

/** One delivery tells thousands the same but for the number of it: the rest is written once. */
function sharedJson({ title, message, url, type }: NotificationText, createdAt: Date, ago: string): string {
  const isSame = latest?.createdAt === createdAt && latest.title === title && latest.message === message && latest.url === url && latest.type === type && latest.ago === ago;
  if (latest === null || !isSame) {
    const json = JSON.stringify({ title, message, url, type, created_at: ago, timestamp: createdAt }).slice(1);
    latest = { title, message, url, type, createdAt, ago, json };
  }
  return latest.json;
}

/** The documentation's plain client parses `message`; official ones take it as it is. An identifier may ask for either. */
export function formOf({ protocol }: Connection, asked: MessageForm | null): MessageForm {
  return asked ?? (protocol === 'plain' ? 'string' : 'object');
}

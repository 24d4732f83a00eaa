import type { Locale } from '#domain';
import { howLongAgo } from '../domain/how-long-ago.js';
import type { Notification } from '../domain/notification.js';
import type { Connection } from './connection.js';
import { dataFrame, type MessageForm } from './protocol.js';
import type { Stream } from './stream.js';
import type { Subscription } from './subscription.js';
import { textFrame } from './text-frame.js';

/** Frames of one message for all who hear it: each form is written once, and its bytes are shared. */
export class Encoder {
  private readonly frames = new Map<string, Buffer>();

  private constructor(
    private readonly message: string,
    private readonly place: { readonly stream_id: string; readonly epoch: string; readonly offset: number } | null,
  ) {}

  static ofNotification(stream: Stream, notification: Notification, unreadCount: number, now: Date, locale: Locale): Encoder {
    const { id, title, message, url, type, createdAt, offset } = notification;
    const shown = { id, title, message, url, type, created_at: howLongAgo(createdAt, now, locale), timestamp: createdAt };
    return new Encoder(JSON.stringify({ action: 'new_notification', unread_count: unreadCount, notification: shown }), { stream_id: stream.id, epoch: stream.epoch, offset });
  }

  static ofUnreadCount(unreadCount: number): Encoder {
    return new Encoder(JSON.stringify({ action: 'unread_count', unread_count: unreadCount }), null);
  }

  frameFor({ protocol }: Connection, { identifier, form }: Subscription): Buffer {
    const isExtended = protocol === 'ext';
    const key = `${isExtended ? 'e' : 'p'}${form}${identifier}`;
    const known = this.frames.get(key) ?? textFrame(dataFrame(identifier, this.message, form, isExtended ? this.place : null));
    this.frames.set(key, known);
    return known;
  }
}

/** The documentation's plain client parses `message`; official ones take it as it is. An identifier may ask for either. */
export function formOf({ protocol }: Connection, asked: MessageForm | null): MessageForm {
  return asked ?? (protocol === 'plain' ? 'string' : 'object');
}

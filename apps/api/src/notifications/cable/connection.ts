import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Locale } from '#domain';
import { answerFrame, type Answer, disconnectFrame, type DisconnectReason, type Protocol } from './protocol.js';
import type { Subscription } from './subscription.js';
import { textFrame } from './text-frame.js';

const NORMAL_CLOSURE = 1000;
export const GOING_AWAY = 1001;
export const POLICY_VIOLATION = 1008;
/** A reader that leaves more than this unread is cut off: memory is everybody's. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** And has so long to read the rest, and the reason behind it. */
const SLOW_GRACE_MS = 3_000;

/** Whose connection it is. */
export interface Holder {
  readonly token: string;
  readonly sessionId: number;
  readonly membershipId: number;
  readonly userId: number;
  readonly organizationId: number;
  readonly productId: number;
  readonly locale: Locale;
  /** In milliseconds. */
  readonly expiresAt: number;
}

/** One socket of a member. It knows what it was told, and says nothing once it is ended. */
export class Connection {
  /** Of a member whose token was verified; null until then. */
  holder: Holder | null = null;
  readonly subscriptions: Subscription[] = [];
  /** By which an extended client finds its subscriptions again; empty for others. */
  sid = '';
  isEnded = false;
  /** Commands one after another; null while there is none. */
  private work: Promise<void> | null = null;
  /** When the latest commands came, the oldest first. */
  private readonly heardAt: number[] = [];

  constructor(
    readonly id: string,
    readonly socket: WebSocket,
    /** What the socket writes to: shared frames go there as they are. */
    private readonly wire: Duplex,
    readonly protocol: Protocol,
  ) {}

  find(identifier: string): Subscription | undefined {
    return this.subscriptions.find((subscription) => subscription.identifier === identifier);
  }

  remove(subscription: Subscription): void {
    const place = this.subscriptions.indexOf(subscription);
    if (place >= 0) this.subscriptions.splice(place, 1);
  }

  /** A frame that was made already, or a text for this one alone. */
  send(frame: string | Buffer): void {
    if (this.isEnded || this.socket.readyState !== this.socket.OPEN) return;
    this.wire.write(typeof frame === 'string' ? textFrame(frame) : frame);
    if (this.wire.writableLength > MOST_WAITING_BYTES) this.disconnect('too_slow');
  }

  answer(identifier: string, type: Answer): void {
    this.send(answerFrame(identifier, type));
  }

  /** Tells the client why, and closes. Whoever reads too slowly hears why behind what waits for them, if they read it within seconds. */
  disconnect(reason: DisconnectReason, code = NORMAL_CLOSURE): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.socket.send(disconnectFrame(reason));
    if (reason === 'too_slow') setTimeout(() => this.socket.terminate(), SLOW_GRACE_MS).unref();
    this.socket.close(code);
  }

  close(code: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.socket.close(code);
  }

  /** Strictly after what came before. Where the database cannot be asked, the client comes back. */
  next(work: () => Promise<void>): void {
    const begun = (this.work ?? Promise.resolve()).then(work).catch(() => this.disconnect('server_restart'));
    this.work = begun;
    void begun.then(() => {
      if (this.work === begun) this.work = null;
    });
  }

  /** Whether one more command is within what a client may send: so many in any window of time. */
  admits(now: number, most: number, windowMs: number): boolean {
    this.heardAt.push(now);
    if (this.heardAt.length <= most) return true;
    const oldest = this.heardAt.shift() ?? now;
    return now - oldest >= windowMs;
  }
}

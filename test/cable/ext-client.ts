import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually } from '../audit/trail.js';

export const SUBPROTOCOL = 'actioncable-v1-ext-json';
export const CHANNEL = JSON.stringify({ channel: 'NotificationsChannel' });
const NO_CHANNEL = JSON.stringify({ channel: 'Fence' });

// A test reads frames as a client would: by looking.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Frame = any;

export interface Place {
  readonly epoch: string;
  readonly offset: number;
}

interface Opening {
  /** Restores by the query. */
  readonly sid?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A socket that speaks the extended protocol and keeps every frame but pings. */
export class ExtClient {
  private static readonly open = new Set<ExtClient>();
  readonly frames: Frame[] = [];
  private fences = 0;

  private constructor(readonly socket: WebSocket) {
    ExtClient.open.add(this);
    socket.on('error', () => undefined);
    socket.on('close', () => ExtClient.open.delete(this));
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      if (frame.type !== 'ping') this.frames.push(frame);
    });
  }

  /** Opens a socket at an instance and waits for its first frame. */
  static async connect(base: string, token: string, { sid, headers }: Opening = {}): Promise<ExtClient> {
    const query = new URLSearchParams({ token, ...(sid !== undefined && { sid }) });
    const client = new ExtClient(new WebSocket(`${base.replace('http', 'ws')}/cable?${query}`, [SUBPROTOCOL], { headers: { ...headers } }));
    await eventually(async () => client.frames.length > 0);
    return client;
  }

  /** The same, subscribed to one's own notifications. */
  static async listening(base: string, token: string): Promise<ExtClient> {
    const client = await ExtClient.connect(base, token);
    await client.subscribe();
    return client;
  }

  /** For what tests left open. */
  static async closeAll(): Promise<void> {
    await Promise.all([...ExtClient.open].map(async (client) => client.drop()));
  }

  get welcome(): Frame {
    return this.frames[0];
  }

  get sid(): string {
    return this.welcome.sid as string;
  }

  /** Data frames that tell a notification, of one subscription or of all. */
  told(identifier?: string): Frame[] {
    return this.frames.filter((frame) => frame.message?.action === 'new_notification' && (identifier === undefined || frame.identifier === identifier));
  }

  titles(identifier?: string): string[] {
    return this.told(identifier).map(({ message }) => message.notification.title as string);
  }

  types(): (string | undefined)[] {
    return this.frames.map(({ type, message }) => (type ?? message.action) as string | undefined);
  }

  send(command: object): void {
    this.socket.send(JSON.stringify(command));
  }

  async subscribe(identifier = CHANNEL, more: object = {}): Promise<void> {
    this.send({ command: 'subscribe', identifier, ...more });
    await this.hears((frame) => frame.type === 'confirm_subscription' && frame.identifier === identifier);
  }

  /** Asks for what was missed; what came in answer, to the last frame of it. */
  async history(history: object, identifier = CHANNEL): Promise<Frame[]> {
    const before = this.frames.length;
    this.send({ command: 'history', identifier, history });
    await eventually(async () => this.frames.slice(before).some(({ type }) => type === 'confirm_history' || type === 'reject_history'));
    await this.settled();
    return this.frames.slice(before).filter(({ type }) => type !== 'reject_subscription');
  }

  /** The first frame that fits, once it has come. */
  async hears(fits: (frame: Frame) => boolean): Promise<Frame> {
    await eventually(async () => this.frames.some(fits));
    return this.frames.find(fits);
  }

  async hearsNotification(title: string): Promise<Frame> {
    return this.hears(({ message }) => message?.notification?.title === title);
  }

  /** Everything sent so far is answered: commands are handled in their order. */
  async settled(): Promise<void> {
    this.fences += 1;
    this.send({ command: 'subscribe', identifier: NO_CHANNEL });
    await eventually(async () => this.frames.filter(({ type, identifier }) => type === 'reject_subscription' && identifier === NO_CHANNEL).length === this.fences);
  }

  /** The network goes away, without a word. */
  async drop(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }
}

export const placeOf = ({ epoch, offset }: Frame): Place => ({ epoch, offset });

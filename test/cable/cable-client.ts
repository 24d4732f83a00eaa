import { once } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import type { Person } from '../support/world.js';

export const V1 = 'actioncable-v1-json';
export const EXT = 'actioncable-v1-ext-json';
/** As the documentation writes it. */
export const NOTIFICATIONS = JSON.stringify({ channel: 'NotificationsChannel' });
const PATIENCE_SECONDS = 30;
const TURN_MS = 10;

/** What a server sends, as far as tests ask for it by name. */
export interface Frame {
  readonly type?: string;
  readonly identifier?: string;
  readonly message?: unknown;
  readonly reason?: string;
  readonly reconnect?: boolean;
  readonly sid?: string;
}

/** What a data frame carries where `message` is an object. */
export interface Message {
  readonly action: string;
  readonly unread_count: number;
  readonly notification?: Readonly<Record<'id' | 'title' | 'message' | 'url' | 'type' | 'created_at' | 'timestamp', unknown>>;
}

export interface Knock {
  readonly token?: string;
  /** The request's target, where it is not `/cable` with the token in its query. */
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A socket without a client library: it keeps every frame as it came. */
export class CableClient {
  private static readonly alive = new Set<CableClient>();

  /** All of them, pings too. */
  readonly texts: string[] = [];
  /** When each of them came. */
  readonly times: number[] = [];
  private endedWith: number | undefined;

  private constructor(readonly socket: WebSocket) {
    CableClient.alive.add(this);
    socket.on('message', (data: RawData) => {
      this.texts.push(String(data));
      this.times.push(performance.now());
    });
    socket.on('close', (code) => {
      this.endedWith = code;
      CableClient.alive.delete(this);
    });
    socket.on('error', () => undefined);
  }

  /** Resolves once the socket is open, whatever the server then says. @throws where there is no 101 */
  static async open(base: string, { token, path = `/cable${token === undefined ? '' : `?token=${token}`}`, protocols = [], headers = {} }: Knock): Promise<CableClient> {
    const socket = new WebSocket(base.replace('http', 'ws') + path, [...protocols], { headers: { ...headers } });
    const client = new CableClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Somebody's socket that was welcomed. */
  static async of({ accessToken }: Pick<Person, 'accessToken'>, base: string, knock: Knock = { protocols: [V1] }): Promise<CableClient> {
    const client = await CableClient.open(base, { token: accessToken, ...knock });
    const [first] = await client.heard(() => true);
    if (first?.type !== 'welcome') throw new Error(`not welcome: ${JSON.stringify(first)}`);
    return client;
  }

  /** One that listens already. */
  static async listening(person: Pick<Person, 'accessToken'>, base: string, knock?: Knock, identifier = NOTIFICATIONS): Promise<CableClient> {
    const client = await CableClient.of(person, base, knock);
    await client.subscribe(identifier);
    return client;
  }

  /** For what a test left open: an instance waits for its sockets. */
  static closeAll(): void {
    for (const { socket } of CableClient.alive) socket.terminate();
  }

  /** Without pings. */
  get frames(): Frame[] {
    return this.texts.map((text) => JSON.parse(text) as Frame).filter(({ type }) => type !== 'ping');
  }

  /** The messages of data frames, in order. */
  get messages(): Message[] {
    return this.frames.flatMap(({ message }) => (message === undefined ? [] : [(typeof message === 'string' ? JSON.parse(message) : message) as Message]));
  }

  /** The ids of the notifications that came, in order. */
  get notified(): unknown[] {
    return this.messages.flatMap(({ notification }) => (notification === undefined ? [] : [notification.id]));
  }

  /** All frames that fit, once there are so many of them. @throws when they do not come in time */
  async heard(fits: (frame: Frame) => boolean, count = 1, seconds = PATIENCE_SECONDS): Promise<Frame[]> {
    const fitting = () => this.frames.filter(fits);
    await this.until(() => fitting().length >= count, seconds, `${count} fitting frames`);
    return fitting();
  }

  /** The code with which it was closed. @throws where it stays open */
  async ended(seconds = PATIENCE_SECONDS): Promise<number> {
    await this.until(() => this.endedWith !== undefined, seconds, 'its end');
    return this.endedWith ?? 0;
  }

  get isOpen(): boolean {
    return this.endedWith === undefined;
  }

  /** A command, or what is none. */
  send(frame: string | Buffer | object): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  subscribing(identifier = NOTIFICATIONS): void {
    this.send({ command: 'subscribe', identifier });
  }

  /** Resolves when it is confirmed. */
  async subscribe(identifier = NOTIFICATIONS): Promise<void> {
    const isAnswer = (frame: Frame) => frame.type === 'confirm_subscription' && frame.identifier === identifier;
    const before = this.frames.filter(isAnswer).length;
    this.subscribing(identifier);
    await this.heard(isAnswer, before + 1);
  }

  perform(action: string, data: object, identifier = NOTIFICATIONS): void {
    this.send({ command: 'message', identifier, data: JSON.stringify({ action, ...data }) });
  }

  /** Everything that it sent before was answered by now: a channel that nobody knows is rejected, and commands come in order. */
  async settled(): Promise<void> {
    const identifier = JSON.stringify({ channel: 'Settled', at: performance.now() });
    this.subscribing(identifier);
    await this.heard((frame) => frame.type === 'reject_subscription' && frame.identifier === identifier);
  }

  /** Seconds of this process's own, in which the instances live too: while it is not let run, none goes by. */
  private async until(holds: () => boolean, seconds: number, what: string): Promise<void> {
    for (let turns = (seconds * 1000) / TURN_MS; !holds(); turns -= 1) {
      if (turns <= 0) throw new Error(`${what} did not come within ${seconds} seconds; there were ${this.texts.slice(-20).join('\n')}; closed with ${this.endedWith}`);
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }
}

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Message } from './hold.js';
import { localSecret } from './local-secret.js';
import type { Seat } from './supervisor-lock.js';

const INTRODUCTION_MS = 5_000;

/** The processes that need the server: one open connection each, and the one that spawned us until it has connected. */
export class Holders {
  private readonly sockets = new Set<Socket>();
  private readonly token = localSecret();
  private reports: string[] = [];
  private ready = false;
  private leaving = false;
  private failure: string | undefined;
  private left: () => void = () => undefined;
  /** Settles when the last one has let go. */
  readonly gone = new Promise<void>((resolve) => (this.left = resolve));

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.meet(socket));
    process.once('disconnect', () => this.check());
  }

  static async listen(): Promise<Holders> {
    // Half-open: one that lets go waits for our end to close, which tells it that the server has stopped.
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Holders(server);
  }

  get seat(): Seat {
    return { pid: process.pid, port: (this.server.address() as AddressInfo).port, token: this.token };
  }

  report(line: string): void {
    if (!this.ready) this.reports.push(line);
    this.tellAll({ report: line });
  }

  /** From now on newcomers hear at once whether the server accepts connections. */
  serve(ready: boolean): void {
    this.ready = ready;
    this.reports = [];
    if (ready && !this.leaving) this.tellAll({ ready });
  }

  /** Each holder hears it and lets go. */
  fail(error: string): void {
    this.failure = error;
    this.tellAll({ error });
  }

  private meet(socket: Socket): void {
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), INTRODUCTION_MS);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (this.sockets.has(socket) || (heard.length < 200 && !heard.includes('\n'))) return;
      clearTimeout(timer);
      if (heard === `${this.token}\n`) this.admit(socket);
      else socket.destroy();
    });
    socket.once('end', () => this.dismiss(socket));
    socket.once('close', () => {
      clearTimeout(timer);
      this.dismiss(socket);
    });
  }

  private admit(socket: Socket): void {
    this.sockets.add(socket);
    tell(socket, { welcome: true });
    for (const line of this.reports) tell(socket, { report: line });
    if (this.ready && !this.leaving) tell(socket, { ready: true });
    if (this.failure !== undefined) tell(socket, { error: this.failure });
  }

  private dismiss(socket: Socket): void {
    const held = this.sockets.delete(socket);
    if (!held || this.isNeeded) socket.end();
    if (held) this.check();
  }

  private get isNeeded(): boolean {
    return this.sockets.size > 0 || process.connected;
  }

  private check(): void {
    if (this.isNeeded) return;
    // Who comes now waits until the server has stopped, and then starts another.
    this.leaving = true;
    this.left();
  }

  private tellAll(message: Message): void {
    for (const socket of this.sockets) tell(socket, message);
  }
}

function tell(socket: Socket, message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

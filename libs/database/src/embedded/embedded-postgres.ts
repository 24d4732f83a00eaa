import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionUrl } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { hold, type Message } from './hold.js';
import { homeIn } from './home.js';
import { latestSeat } from './supervisor-lock.js';

const PATIENCE_MS = 60_000;
const RETRY_MS = 5_000;
// Compiled, also when a test runs the source of this file: Node alone must be able to run it.
const SUPERVISOR = join('dist', 'libs', 'database', 'src', 'embedded', 'supervisor.js');

/** A PostgreSQL of our own in `${dataDir}/postgres`, on loopback only; it lives no longer than the processes that use it. */
export class EmbeddedPostgres {
  private socket: Socket | undefined;
  private stopping = false;
  private address = '';

  private constructor(
    private readonly dataDir: string,
    private readonly report: (line: string) => void,
  ) {}

  /** Starts it, or joins one that runs on the same data folder already. @throws EmbeddedPostgresError with the reason. */
  static async start(dataDir: string, report: (line: string) => void = () => undefined): Promise<EmbeddedPostgres> {
    const server = new EmbeddedPostgres(resolve(dataDir), report);
    await server.attach();
    return server;
  }

  /** `postgres://kiket:<password>@127.0.0.1:<port>/kiket`; the same from start to start while the port is free. */
  get url(): string {
    return this.address;
  }

  /** Lets go of it: the last to do so stops it (a fast shutdown) and waits until it has stopped. */
  async stop(): Promise<void> {
    this.stopping = true;
    const socket = this.socket;
    if (socket === undefined || socket.closed) return;
    socket.ref();
    socket.end();
    await once(socket, 'close');
  }

  private async attach(): Promise<void> {
    let spawned: ChildProcess | undefined;
    try {
      for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
        const outcome = await this.join();
        if (outcome === 'joined') return;
        // One that is stopping closes the connection when it is done; one that is silent may yet answer.
        if (outcome === 'gone') {
          letGo(spawned);
          spawned = await spawnSupervisor(this.dataDir);
        } else await delay(25);
      }
    } finally {
      // From here on the connection alone holds the server.
      letGo(spawned);
    }
    throw new EmbeddedPostgresError(`The supervisor of the PostgreSQL in ${this.dataDir} does not answer.`);
  }

  private async join(): Promise<'joined' | 'gone' | 'silent' | 'closed'> {
    const latest = latestSeat(this.dataDir);
    if (latest === undefined) return 'gone';
    const news: Message[] = [];
    let hear = (message: Message) => void news.push(message);
    const socket = await hold(latest.seat, (message) => hear(message));
    if (typeof socket === 'string') return socket;
    return new Promise((resolve, reject) => {
      socket.once('close', () => {
        resolve('closed');
        void this.lose(socket);
      });
      hear = (message) => {
        if ('report' in message) this.report(message.report);
        if ('error' in message) {
          reject(new EmbeddedPostgresError(message.error));
          socket.destroy();
        }
        if (!('ready' in message)) return;
        this.socket = socket;
        this.address = connectionUrl(homeIn(this.dataDir));
        socket.unref();
        resolve('joined');
      };
      if (socket.closed) resolve('closed');
      news.forEach(hear);
    });
  }

  /** A supervisor that was killed leaves a server that nobody would restart or stop: a new one takes its place. */
  private async lose(socket: Socket): Promise<void> {
    if (this.socket !== socket) return;
    while (!this.stopping) {
      this.report('The supervisor of PostgreSQL died; starting both again.');
      try {
        return await this.attach();
      } catch (error) {
        this.report(error instanceof Error ? error.message : String(error));
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }
}

function letGo(supervisor: ChildProcess | undefined): void {
  if (supervisor?.connected === true) supervisor.disconnect();
}

/** Resolves once it has taken its place, or found that another process's has it. */
async function spawnSupervisor(dataDir: string): Promise<ChildProcess> {
  const child = fork(resolve(SUPERVISOR), [dataDir], { detached: true, env: {}, execArgv: [], stdio: 'ignore' });
  const message = await new Promise<{ error?: string }>((resolve) => {
    child.once('message', (said) => resolve(said as { error?: string }));
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code) => resolve(code === 0 ? {} : { error: `${SUPERVISOR} ended (${code}): is it built?` }));
  });
  child.unref();
  child.channel?.unref();
  if (message.error !== undefined) throw new EmbeddedPostgresError(message.error);
  return child;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { PostmasterFile } from './postmaster-file.js';
import { BARE_ENVIRONMENT } from './run.js';
import type { ServerUser } from './server-user.js';

// fsync and synchronous_commit stay on: what was acknowledged survives a crash.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // After a crash it flushes all its files first: on Linux in one call, else one by one, which takes seconds.
  ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
};
const FIRST_START_MS = 10_000;
const LOG_LIMIT_BYTES = 10_000_000;

/** One server process after another on one data folder and one port. */
export class PostgresServer {
  private readonly file: PostmasterFile;
  private readonly log: string;
  private child: ChildProcess | undefined;
  private exited: Promise<unknown> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly home: string,
    private readonly binaries: Binaries,
    private readonly user: ServerUser,
  ) {
    this.file = new PostmasterFile(join(home, 'data'));
    this.log = join(home, 'postgres.log');
  }

  /** Starts it on the last port if that is free. @throws EmbeddedPostgresError with the log's end after 10 s of trying. */
  async start(): Promise<void> {
    if ((statSync(this.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) writeFileSync(this.log, '');
    // First of all: a server without a supervisor still has our port.
    await this.file.clear();
    const began = performance.now();
    // The children of a server that was killed may hold its memory for a moment; another program may take the port.
    while (!(await this.launch(await this.choosePort()))) {
      if (this.stopping) return;
      if (performance.now() - began > FIRST_START_MS) {
        const end = readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
        throw new EmbeddedPostgresError(`PostgreSQL does not start. The end of ${this.log}:\n${end}`);
      }
      await delay(200);
    }
  }

  /** Starts it again on the same port whenever it dies, until `stop`. */
  async keepRunning(onDeath: () => void, onReturn: () => void): Promise<void> {
    for (;;) {
      await this.exited;
      if (this.stopping) return;
      onDeath();
      let pauseMs = 50;
      // Whatever stops it now (a full disk, say) may pass: the service is still waiting for its database.
      while (!(await this.launch(this.lastPort()).catch(() => false))) {
        if (this.stopping) return;
        await delay(pauseMs);
        pauseMs = Math.min(pauseMs * 2, 1_000);
      }
      onReturn();
    }
  }

  /** Fast shutdown: open transactions are rolled back, data is flushed. Harder where that takes longer than 5 s. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const [signal, patienceMs] of [['SIGINT', 5_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
      this.child?.kill(signal);
      await Promise.race([this.exited, delay(patienceMs, undefined, { ref: false })]);
      if (this.child === undefined) return;
    }
  }

  /** Whether it accepts connections; false: it ended before it did. */
  private async launch(port: number): Promise<boolean> {
    const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    await this.file.clear();
    if (this.stopping) return false;
    const log = openSync(this.log, 'a', 0o600);
    const child = spawn(this.binaries.postgres, ['-D', join(this.home, 'data'), ...settings], {
      cwd: this.home,
      env: BARE_ENVIRONMENT,
      stdio: ['ignore', log, log],
      ...this.user,
    });
    closeSync(log);
    this.child = child;
    this.exited = new Promise<void>((resolve) => {
      for (const event of ['exit', 'error'] as const) child.once(event, () => resolve());
    }).then(() => (this.child = undefined));
    while (this.child === child && !this.file.saysReady(child.pid)) await delay(20);
    return this.child === child;
  }

  private async choosePort(): Promise<number> {
    let port = await freePort(this.lastPort());
    // A server that has just ended may hold it for a moment yet, and the service's pool knows no other.
    for (let tries = 0; port === undefined && tries < 20; tries += 1) {
      await delay(50);
      port = await freePort(this.lastPort());
    }
    port ??= (await freePort(0)) ?? 0;
    const path = join(this.home, 'port');
    if (port !== this.lastPort()) writeFileSync(path, String(port), { mode: 0o600 });
    return port;
  }

  private lastPort(): number {
    try {
      return Number(readFileSync(join(this.home, 'port'), 'utf8'));
    } catch {
      return 0;
    }
  }
}

/** The port itself, or for 0 any that is free; undefined where it is taken. */
async function freePort(port: number): Promise<number | undefined> {
  const probe = createServer();
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening');
    return (probe.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

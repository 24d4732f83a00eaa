import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';

/** For NODE_COMPILE_CACHE: the second process and all after it need not compile anew. */
export const COMPILED = join(tmpdir(), 'kiket-test-compiled');

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as it is deployed: a process of its own, on a port that the kernel chose. */
export class ServiceProcess {
  private static readonly alive = new Set<ServiceProcess>();

  /** What it has written so far. */
  readonly said = { out: '', err: '' };
  readonly exited: Promise<Exit>;
  private exit: Exit | undefined;

  private constructor(private readonly child: ChildProcess) {
    ServiceProcess.alive.add(this);
    child.stdout?.on('data', (chunk: Buffer) => (this.said.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.said.err += chunk.toString()));
    this.exited = once(child, 'close').then(([code, signal]) => {
      ServiceProcess.alive.delete(this);
      return (this.exit = { code: code as Exit['code'], signal: signal as Exit['signal'] });
    });
  }

  /** Begins to start. It sees these settings and none of ours. */
  static spawn(env: Readonly<Record<string, string>>): ServiceProcess {
    const child = spawn(process.execPath, ['dist/apps/api/src/main.js'], {
      env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'warn', NODE_COMPILE_CACHE: COMPILED, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child);
  }

  /** Starts and waits until it is ready. */
  static async start(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const service = ServiceProcess.spawn(env);
    await service.ready();
    return service;
  }

  /** For what a test that failed left behind. */
  static async killAll(): Promise<void> {
    await Promise.all([...ServiceProcess.alive].map(async (service) => service.kill()));
  }

  /** Where it serves, once it does. */
  get base(): string {
    const port = /serving on http:\/\/[^\s]+:(\d+)/.exec(this.said.out)?.[1];
    if (port === undefined) throw new Error('it does not serve yet');
    return `http://127.0.0.1:${port}`;
  }

  get client(): Client {
    return new Client(this.base);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async ready(): Promise<void> {
    for (;;) {
      if (this.exit !== undefined) throw new Error(`the service ended: ${JSON.stringify(this.exit)}\n${this.said.err}`);
      const answer = this.said.out.includes('serving on') ? await this.client.get('/health/ready').catch(() => undefined) : undefined;
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  get running(): boolean {
    return this.exit === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** As the kernel does it when memory runs out: nothing of ours runs any more. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }
}

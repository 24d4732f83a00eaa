import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** As `npm start` runs it. */
const STARTED_WITH = JSON.parse(readFileSync('package.json', 'utf8')).scripts.start.split(' ').filter((word: string) => word.startsWith('--'));

/** A server in a process of its own, so that it does not share a core's time with whoever measures it. */
export class Server {
  private constructor(
    readonly base: string,
    readonly process: ChildProcess,
  ) {}

  static async start(script: string, port: number, ready: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const child = fork(script, [], { execArgv: STARTED_WITH, env: { ...process.env, RATE_LIMITS: 'off', ...env, PORT: String(port) }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const server = new Server(`http://127.0.0.1:${port}`, child);
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await fetch(`${server.base}${ready}`).catch(() => null);
      if (answer?.ok === true) return server;
      await pause(100);
    }
    throw new Error(`${script} did not start`);
  }

  async stop(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await gone;
  }
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** `postmaster.pid`: what a running server says of itself, and what one that was killed leaves behind. */
export class PostmasterFile {
  private readonly path: string;

  constructor(private readonly data: string) {
    this.path = join(data, 'postmaster.pid');
  }

  /** Whether the server with this process id accepts connections: what `pg_ctl` waits for. */
  saysReady(pid: number | undefined): boolean {
    const lines = this.lines();
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
  }

  /**
   * Ends a server whose supervisor was killed, and lets the next one start where the file's process id now belongs to
   * anybody else. Only for who holds the supervisor's lock: no other server can be starting here meanwhile.
   */
  async clear(): Promise<void> {
    for (const [signal, patienceMs] of [['SIGINT', 5_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
      const pid = this.serverPid();
      if (pid === undefined) break;
      process.kill(pid, signal);
      for (let waited = 0; waited < patienceMs && this.serverPid() === pid; waited += 20) await delay(20);
    }
    // PostgreSQL takes a file with its parent's process id for a stale one. The other lines must stay: by them it
    // notices that a killed server's children still use the shared memory.
    const lines = this.lines();
    if (lines.length > 1) writeFileSync(this.path, [String(process.pid), ...lines.slice(1)].join('\n'));
  }

  /** The live process that really is a server on this folder; process ids are used again. */
  private serverPid(): number | undefined {
    const pid = Number(this.lines()[0]);
    return pid > 1 && commandLine(pid).includes(`postgres -D ${this.data} `) ? pid : undefined;
  }

  private lines(): string[] {
    try {
      return readFileSync(this.path, 'utf8').split('\n');
    } catch {
      return [];
    }
  }
}

function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}

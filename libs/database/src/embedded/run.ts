import { spawn } from 'node:child_process';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { ServerUser } from './server-user.js';

/** The server and its tools see none of our settings: some are secrets, and their environment is readable by their user. */
export const BARE_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program to its end and returns what it printed. @throws EmbeddedPostgresError with that, where it fails. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; user?: ServerUser; input?: string },
): Promise<string> {
  const child = spawn(program, args, { cwd: options.cwd, env: BARE_ENVIRONMENT, stdio: 'pipe', ...options.user });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new EmbeddedPostgresError(`${program}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve(printed);
      else reject(new EmbeddedPostgresError(`${program} failed (${code ?? child.signalCode}):\n${printed.trim()}`));
    });
  });
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { World } from '../support/world.js';

const run = promisify(execFile);

export interface Printed {
  readonly status: number;
  // A reader sees an answer as it is printed.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Pastes a command into a shell; only the host and the placeholders are replaced. */
export async function pasted(world: World, command: string, placeholders: Readonly<Record<string, string>>): Promise<Printed> {
  const filled = Object.entries(placeholders).reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), command);
  const { stdout } = await run('sh', ['-c', `${filled.replaceAll('https://kiket.dev', world.instance.base)} -s -w '\\n%{http_code}'`]);
  const [status = '', ...body] = stdout.trimEnd().split('\n').reverse();
  return { status: Number(status), body: JSON.parse(body.reverse().join('\n')) };
}

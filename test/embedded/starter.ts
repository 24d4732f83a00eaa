import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const PROGRAM = `
  const { EmbeddedPostgres } = await import(process.argv[1]);
  const server = await EmbeddedPostgres.start(process.argv[2]);
  console.log(server.url);
  setInterval(() => undefined, 1_000);
`;

/** Another process that starts the server or joins it, and then does nothing until it is killed. */
export class Starter {
  private static readonly alive = new Set<ChildProcess>();

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async run(dataDir: string): Promise<Starter> {
    const module = pathToFileURL(resolve('dist/libs/database/src/embedded/embedded-postgres.js')).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, module, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    Starter.alive.add(child);
    child.once('exit', () => Starter.alive.delete(child));
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new Starter(child, url);
  }

  /** As the kernel does it when memory runs out: nothing of ours runs any more. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** For a test that failed before it did so. */
  static killAll(): void {
    for (const child of Starter.alive) child.kill('SIGKILL');
  }
}

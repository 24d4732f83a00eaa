import type { Service } from './service.js';

/** Who stops us kills after ten seconds: what cannot be closed in this time is left to the kernel. */
const LONGEST_STOP_MS = 9_500;

let service: Service | undefined;
let stopping = false;

function stop(signal: NodeJS.Signals): void {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), LONGEST_STOP_MS).unref();
  void (service?.stop(signal) ?? Promise.resolve()).then(() => process.exit(0), fail);
}

function fail(error: unknown): never {
  console.error(reason(error));
  process.exit(1);
}

/** What the operator can mend is a sentence; only what is ours to mend shows where it happened. */
function reason(error: unknown): unknown {
  if (!(error instanceof Error) || error.message === '') return error;
  const { syscall, severity } = error as NodeJS.ErrnoException & { severity?: string };
  const theirs = /Config|Products|Embedded/.test(error.name) || syscall !== undefined || severity === 'FATAL';
  return theirs ? error.message : error;
}

// Before the rest is loaded: as a container's first process we would not even hear a signal that nobody listens for.
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  // Judged first: whoever mistyped a setting is told before the rest is loaded.
  const { loadConfig } = await import('#config');
  const settings = loadConfig();
  const { Service } = await import('./service.js');
  service = new Service(settings);
  console.log(await service.start());
} catch (error) {
  // What breaks because we are stopping is no fault.
  if (!stopping) fail(error);
}

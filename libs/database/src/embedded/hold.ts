import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Seat } from './supervisor-lock.js';

/** What a supervisor says, one JSON text a line; `welcome` is always the first. */
export type Message = { welcome: true } | { ready: true } | { report: string } | { error: string };

const PATIENCE_MS = 2_000;

/**
 * An open connection to a supervisor keeps its server running: the kernel closes it however a process ends.
 * `gone`: nobody listens there, or somebody else; `silent`: it does not answer within 2 s.
 */
export async function hold(seat: Seat, hear: (message: Message) => void): Promise<Socket | 'gone' | 'silent'> {
  const socket = connect(seat.port, '127.0.0.1');
  return new Promise((resolve) => {
    let answer: Socket | 'gone' | 'silent' = 'gone';
    const timer = setTimeout(() => {
      answer = isAlive(seat.pid) ? 'silent' : 'gone';
      socket.destroy();
    }, PATIENCE_MS);
    socket.on('error', () => undefined);
    socket.once('connect', () => socket.write(`${seat.token}\n`));
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    const lines = createInterface({ input: socket });
    // It repeats the socket's errors; the close that follows says enough.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const message = parse(line);
      if (message === undefined) {
        socket.destroy();
      } else if ('welcome' in message) {
        clearTimeout(timer);
        answer = socket;
        resolve(socket);
      } else if (answer === socket) {
        hear(message);
      }
    });
  });
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

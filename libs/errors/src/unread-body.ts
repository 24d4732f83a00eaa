import type { Request } from 'express';

const MOST_BYTES = 32 * 1024 * 1024;
const PATIENCE_MS = 5_000;

/**
 * Reads on and throws away what a client is still sending: closed in its face, it would see a reset connection and never the
 * answer. Gives up on who sends without end.
 */
export async function unreadBody(request: Request): Promise<void> {
  if (request.complete) return;
  await new Promise<void>((resolve) => {
    let left = MOST_BYTES;
    const timer = setTimeout(resolve, PATIENCE_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request
      .on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left < 0) done();
      })
      .once('end', done)
      .once('close', done)
      .resume();
  });
}

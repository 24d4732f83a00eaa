const TURN_MS = 50;
const TURNS = 4;

/** What a request waits for Redis at most. */
export const PATIENCE_MS = TURN_MS * TURNS;

/**
 * The answer, or a rejection once it is late. Counted in turns of our own event loop: a process that was busy may have the
 * answer and not have read it yet, and must not take that for silence.
 */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  const timer: { handle?: NodeJS.Timeout } = {};
  const late = new Promise<never>((_, reject) => {
    let turns = 0;
    timer.handle = setInterval(() => {
      turns += 1;
      if (turns === TURNS) reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, TURN_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearInterval(timer.handle);
  }
}

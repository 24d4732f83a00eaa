import { setImmediate } from 'node:timers/promises';
import { inTime, PATIENCE_MS } from './in-time.js';

describe('an answer', () => {
  it('is passed on where it comes in time, and so is a refusal', async () => {
    await expect(inTime(setImmediate('answer'))).resolves.toBe('answer');
    await expect(inTime(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('that does not come is given up', async () => {
    const asked = performance.now();
    await expect(inTime(new Promise(() => undefined))).rejects.toThrow(`no answer within ${PATIENCE_MS} ms`);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(PATIENCE_MS - 10);
  });

  it('that lies ready is not late because this process was busy', async () => {
    const answer = inTime(setImmediate('answer'));
    for (const asked = performance.now(); performance.now() - asked < PATIENCE_MS * 2; );
    await expect(answer).resolves.toBe('answer');
  });
});

import { MAIL_QUEUE } from './mail-queue.js';

it('tries a mail for at least a day, and no less often than hourly', () => {
  const { retryLimit, retryDelaySeconds, retryDelayMaxSeconds } = MAIL_QUEUE;
  // pg-boss waits between once and twice delay * 2^n, up to the greatest delay.
  const shortest = Array.from({ length: retryLimit }, (_, retry) => Math.min(retryDelayMaxSeconds, retryDelaySeconds * 2 ** retry));
  expect(shortest.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThanOrEqual(24 * 60 * 60);
  expect(Math.max(...shortest)).toBe(3_600);
});

import type { Queue } from '#jobs';
import type { Mail } from './mail.js';

/** Tried for more than a day: after 5 s, 10 s, 20 s … and then hourly, so that a mail server may be away over a night. */
export const MAIL_QUEUE: Queue<Mail> = {
  name: 'mail',
  retryLimit: 36,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 3_600,
  timeoutSeconds: 60,
};

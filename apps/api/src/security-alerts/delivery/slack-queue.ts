import type { Queue } from '#jobs';

/** One message to an organization's Slack; where it goes is read when it goes. */
interface SlackNews {
  readonly organizationId: number;
  readonly text: string;
}

/** Tried for more than a day: after 5 s, 10 s, 20 s … and then hourly. */
export const SLACK_QUEUE: Queue<SlackNews> = {
  name: 'slack',
  retryLimit: 36,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 3_600,
  timeoutSeconds: 30,
};

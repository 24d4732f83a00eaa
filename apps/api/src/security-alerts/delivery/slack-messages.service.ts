import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '#jobs';
import { AlertSettings } from '../alert-settings.service.js';
import { SLACK_QUEUE } from './slack-queue.js';

/** For an answer; less than the queue's timeout, so that no second try runs beside it. */
const WAIT_MS = 10_000;

/** Sends to an organization's Slack, out of anybody's way. */
@Injectable()
export class SlackMessages implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly settings: AlertSettings,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(SLACK_QUEUE, async ({ organizationId, text }) => this.send(organizationId, text));
  }

  /** @throws where Slack did not take it; its own words are not repeated, nor the address */
  private async send(organizationId: number, text: string): Promise<void> {
    const address = await this.settings.slackAddress(organizationId);
    // Whoever took the address away wants no message any more.
    if (address === null) return;
    // No name of ours is made a mention, and no text a link.
    const body = JSON.stringify({ text, link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false });
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(WAIT_MS),
    }).catch((error: unknown) => {
      throw new Error(`Slack was not reached: ${error instanceof Error ? error.name : 'unknown'}`);
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`Slack did not take it: ${answer.status}`);
  }
}

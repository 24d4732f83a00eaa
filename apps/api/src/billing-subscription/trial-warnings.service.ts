import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { BillingNotices } from './billing-notices.service.js';
import { SubscriptionRepository } from './storage/subscription.repository.js';

const PAUSE_SECONDS = 60;
/** As early as Stripe itself says so. */
const AHEAD_MS = 3 * 24 * 60 * 60 * 1000;

/** Warns an organization's admins that its trial ends, three days before; once, whichever instance looks first. */
@Injectable()
export class TrialWarnings implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
    private readonly subscriptions: SubscriptionRepository,
    private readonly notices: BillingNotices,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'ends of trials', async () => this.send());
  }

  async send(): Promise<void> {
    for (let last: number | null = 0; last !== null; ) last = await this.next(last);
  }

  /** The mark and the mails are one transaction. */
  private async next(after: number): Promise<number | null> {
    return this.database.transaction(async () => {
      const now = this.clock.now();
      const subscription = await this.subscriptions.lockEndingTrial(after, new Date(now.getTime() + AHEAD_MS), now);
      if (subscription === null) return null;
      const endsAt = subscription.takeTrialWarning();
      if (endsAt !== null) {
        await this.subscriptions.save(subscription);
        await this.notices.trialEnding(subscription, endsAt);
      }
      return subscription.id;
    });
  }
}

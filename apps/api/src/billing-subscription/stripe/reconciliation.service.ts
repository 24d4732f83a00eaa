import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { SubscriptionRepository } from '../storage/subscription.repository.js';
import { LiveCheck } from './live-check.service.js';
import { StripeApi } from './stripe-api.service.js';

const PAUSE_SECONDS = 300;
const MOST_AT_ONCE = 50;

/** Asks Stripe for subscriptions of which nothing was heard for long: a webhook that was missed is made up for. */
@Injectable()
export class Reconciliation implements OnModuleInit, OnModuleDestroy {
  private stopped = false;

  constructor(
    private readonly rounds: Rounds,
    private readonly stripe: StripeApi,
    private readonly subscriptions: SubscriptionRepository,
    private readonly liveCheck: LiveCheck,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'reconciliation of subscriptions', async () => this.run());
  }

  /** A round is waited for when the service stops: it ends with the question under way, however slow Stripe is. */
  onModuleDestroy(): void {
    this.stopped = true;
  }

  async run(): Promise<void> {
    if (!this.stripe.isConfigured) return;
    for (const organizationId of await this.subscriptions.silent(this.clock.now(), MOST_AT_ONCE)) {
      if (this.stopped) return;
      await this.liveCheck.ask(organizationId);
    }
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { Jobs, Rounds } from '#jobs';
import { StripeEventRepository } from '../storage/stripe-event.repository.js';
import { StripeApi } from './stripe-api.service.js';
import { STRIPE_EVENTS } from './stripe-events.queue.js';

/** Stripe tries for three days; its signature alone refuses what is older than minutes. */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000;
const PAUSE_SECONDS = 3_600;
const HEARD = new Set(['customer.subscription.created', 'customer.subscription.updated', 'customer.subscription.deleted', 'invoice.paid', 'invoice.payment_failed']);

/** Takes Stripe's events, each once: what is to be done of it is done by a job, after a quick answer. */
@Injectable()
export class Webhook implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly rounds: Rounds,
    private readonly stripe: StripeApi,
    private readonly events: StripeEventRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'events of Stripe', async () => this.events.forgetBefore(new Date(this.clock.now().getTime() - REMEMBERED_MS)));
  }

  /** @throws invalid_signature, malformed_request; unavailable where it cannot be kept, so that Stripe sends it again */
  async take(body: Buffer, signature: string | undefined): Promise<void> {
    const event = this.stripe.verified(body, signature);
    if (!HEARD.has(event.type)) return;
    await this.database.transaction(async () => {
      if (await this.events.take(event.id, event.type, this.clock.now())) await this.jobs.enqueue(STRIPE_EVENTS, event);
    });
  }
}

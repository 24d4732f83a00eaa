import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public } from '#access';
import { DomainError } from '#domain';
import { StripeApi } from '../stripe/stripe-api.service.js';
import { Webhook } from '../stripe/webhook.service.js';

@ApiTags('Billing')
@Controller('api/v1/billing/stripe_webhook')
export class WebhookController {
  constructor(
    private readonly stripe: StripeApi,
    private readonly webhook: Webhook,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Hears of events from Stripe, which signs them' })
  @HttpCode(200)
  @Public()
  async hear(@Req() request: Request) {
    if (!this.stripe.hearsEvents) throw new DomainError('billing_not_configured');
    const { 'stripe-signature': signature } = request.headers;
    await this.webhook.take(request.body as Buffer, typeof signature === 'string' ? signature : undefined);
    return { received: true };
  }
}

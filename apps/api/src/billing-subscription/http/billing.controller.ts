import { Controller, Get, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Entitlements, Requires, subscriptionView } from '#access';
import { type Principal, Scopes } from '#domain';
import { Body, Page, type PageRequest, paged } from '#request';
import { Products } from '../../products/index.js';
import { Checkout } from '../checkout.service.js';
import { BillingConfigured } from './billing-configured.guard.js';
import { CheckoutBody, PortalBody } from './billing.dto.js';

/** Every member may look; machines need the organization's administration. */
const LOOKING = { unscopedFor: ['user'], openWhenLapsed: true } as const;

@ApiTags('Billing')
@Controller('api/v1/billing')
export class BillingController {
  constructor(
    private readonly entitlements: Entitlements,
    private readonly products: Products,
    private readonly checkout: Checkout,
  ) {}

  @Get('subscription')
  @ApiOperation({ summary: "The organization's subscription, as it stands now" })
  @Requires('admin', LOOKING)
  async subscription(@CurrentPrincipal() { organization }: Principal) {
    const { subscription } = await this.entitlements.of(organization.id);
    return { subscription: subscriptionView(subscription) };
  }

  @Get('plans')
  @ApiOperation({ summary: "The product's plans, and which of them is the organization's" })
  @Requires('admin', LOOKING)
  async plans(@CurrentPrincipal() { product, subscription }: Principal, @Page() page: PageRequest) {
    const { plans } = await this.products.byId(product.id);
    const rows = Object.entries(plans).map(([tier, { scopes, limits }]) => ({ tier, scopes: Scopes.stored(scopes).toJSON(), limits, current: tier === subscription.planTier }));
    return paged(rows, page);
  }

  @Post('checkout_session')
  @ApiOperation({ summary: 'A page of Stripe’s where a plan is bought' })
  @HttpCode(200)
  @Requires('admin', { openWhenLapsed: true })
  @UseGuards(BillingConfigured)
  async begin(@CurrentPrincipal() buyer: Principal, @Body() body: CheckoutBody) {
    const { id, url } = await this.checkout.begin(buyer, body.toDomain());
    return { checkout_url: url, session_id: id };
  }

  @Post('portal_session')
  @ApiOperation({ summary: 'A page of Stripe’s where cards, plans and invoices are looked after' })
  @HttpCode(200)
  @Requires('admin', { openWhenLapsed: true })
  @UseGuards(BillingConfigured)
  async portal(@CurrentPrincipal() admin: Principal, @Body() { return_url: returnUrl }: PortalBody) {
    return { portal_url: await this.checkout.portal(admin, returnUrl) };
  }
}

import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, CurrentProduct, Public, Requires, WishedLocale } from '#access';
import type { Locale, Principal, ProductRef } from '#domain';
import { Body } from '#request';
import { Logins } from '../login.service.js';
import { Invitations } from '../members/invitations.service.js';
import { Registrations } from '../registration.service.js';
import { AcceptInvitationBody, LoginBody, RegisterBody, SelectOrganizationBody, SwitchOrganizationBody } from './auth.dto.js';
import { loginView, signedInView } from './auth.view.js';

/** The ways in: each ends with a session. */
@ApiTags('Headless Auth')
@Controller('api/v1/auth')
export class EntryController {
  constructor(
    private readonly registrations: Registrations,
    private readonly logins: Logins,
    private readonly invitations: Invitations,
  ) {}

  @Post('register')
  @ApiOperation({ summary: 'Registers a person and their new organization on a product' })
  @Public({ limited: true })
  async register(@Body() body: RegisterBody, @CurrentProduct() product: ProductRef, @WishedLocale() locale: Locale | undefined) {
    return signedInView(await this.registrations.register(body.toDomain(locale), product));
  }

  @Post('login')
  @ApiOperation({ summary: 'Signs in, or answers the organizations to choose from' })
  @HttpCode(200)
  @Public({ limited: true })
  async login(@Body() body: LoginBody, @CurrentProduct() product: ProductRef) {
    return loginView(await this.logins.login(body.toDomain(), product));
  }

  @Post('login/select_org')
  @ApiOperation({ summary: 'Signs in to the chosen organization' })
  @HttpCode(200)
  @Public({ limited: true })
  async selectOrganization(@Body() body: SelectOrganizationBody, @CurrentProduct() product: ProductRef) {
    const proof = body.toDomain();
    const signedIn =
      'ticket' in proof
        ? await this.logins.selectByTicket(proof.ticket, body.organization_id, product)
        : await this.logins.selectByPassword(proof.credentials, body.organization_id, product);
    return signedInView(signedIn);
  }

  @Post('switch_org')
  @ApiOperation({ summary: "Opens a session in another of the caller's organizations on this product" })
  @HttpCode(200)
  @Requires('user', { openWhenLapsed: true })
  async switchOrganization(@Body() body: SwitchOrganizationBody, @CurrentPrincipal() principal: Principal) {
    return signedInView(await this.logins.switchTo(body.organization_id, principal));
  }

  @Post('accept_invitation')
  @ApiOperation({ summary: 'Joins an organization by the link of an invitation' })
  @HttpCode(200)
  @Public({ limited: true })
  async acceptInvitation(@Body() body: AcceptInvitationBody, @WishedLocale() locale: Locale | undefined) {
    const { token } = body;
    return signedInView(await this.invitations.accept({ token, password: body.confirmedPassword(), locale }));
  }
}

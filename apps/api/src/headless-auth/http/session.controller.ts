import { Controller, Delete, Get, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Public, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Page, type PageRequest, RowId, paged } from '#request';
import { Sessions } from '../sessions.service.js';
import { RefreshBody } from './auth.dto.js';
import { sessionView } from './auth.view.js';

@ApiTags('Headless Auth')
@Controller('api/v1/auth')
export class SessionController {
  constructor(private readonly sessions: Sessions) {}

  @Post('refresh')
  @ApiOperation({ summary: 'Exchanges a refresh token for a new pair' })
  @HttpCode(200)
  @Public({ limited: true })
  async refresh(@Body() body: RefreshBody, @Headers('x-product-slug') product: string | undefined) {
    return this.sessions.refresh(body.refresh_token, product);
  }

  @Post('logout')
  @ApiOperation({ summary: 'Ends the present session' })
  @HttpCode(204)
  @Requires('user', { openWhenLapsed: true })
  async logout(@CurrentPrincipal() principal: Principal): Promise<void> {
    await this.sessions.logout(principal);
  }

  @Get('sessions')
  @ApiOperation({ summary: "Lists the caller's sessions on this product" })
  @Requires('user', { openWhenLapsed: true })
  async list(@CurrentPrincipal() principal: Principal, @Page() page: PageRequest) {
    const sessions = await this.sessions.list(principal);
    return paged(sessions.map((session) => sessionView(session, principal.credentialId)), page);
  }

  @Delete('sessions/:id')
  @ApiOperation({ summary: "Ends one of the caller's sessions" })
  @HttpCode(204)
  @Requires('user', { openWhenLapsed: true })
  async end(@RowId() id: number, @CurrentPrincipal() principal: Principal): Promise<void> {
    await this.sessions.end(principal, id);
  }

  @Delete('sessions')
  @ApiOperation({ summary: "Ends all of the caller's sessions but the present one" })
  @HttpCode(204)
  @Requires('user', { openWhenLapsed: true })
  async endOthers(@CurrentPrincipal() principal: Principal): Promise<void> {
    await this.sessions.endOthers(principal);
  }
}

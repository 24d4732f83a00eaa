import { Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body } from '#request';
import { Profiles } from '../profile.service.js';
import { UpdateProfileBody } from './auth.dto.js';
import { profileView } from './auth.view.js';

@ApiTags('Headless Auth')
@Controller('api/v1/auth/me')
export class ProfileController {
  constructor(private readonly profiles: Profiles) {}

  @Get()
  @ApiOperation({ summary: 'The caller, their organization, its subscription and what this credential opens' })
  @Requires('user', { openWhenLapsed: true })
  show(@CurrentPrincipal() principal: Principal) {
    return profileView(principal);
  }

  @Put()
  @ApiOperation({ summary: "Changes the caller's name, language or password" })
  @Requires('user', { openWhenLapsed: true })
  async update(@Body() body: UpdateProfileBody, @CurrentPrincipal() principal: Principal) {
    return profileView(principal, await this.profiles.change(principal, body.toDomain()));
  }
}

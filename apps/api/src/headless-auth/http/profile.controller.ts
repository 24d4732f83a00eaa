import { Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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
  @Requires('user', { openWhenLapsed: true })
  show(@CurrentPrincipal() principal: Principal) {
    return profileView(principal);
  }

  @Put()
  @Requires('user', { openWhenLapsed: true })
  async update(@Body() body: UpdateProfileBody, @CurrentPrincipal() principal: Principal) {
    return profileView(principal, await this.profiles.change(principal, body.toDomain()));
  }
}

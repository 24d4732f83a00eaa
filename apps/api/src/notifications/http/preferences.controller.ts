import { Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body } from '#request';
import { type Preference, Preferences } from '../preferences.service.js';
import { PreferencesBody } from './preferences.dto.js';

const OWN = { kinds: ['user', 'workspace_token'], unscopedFor: ['user'] } as const;

@ApiTags('Notifications')
@Controller('api/v1/notification_preferences')
export class PreferencesController {
  constructor(private readonly preferences: Preferences) {}

  @Get()
  @ApiOperation({ summary: 'By which ways one is told of what' })
  @Requires('notifications:read', OWN)
  async list(@CurrentPrincipal() reader: Principal) {
    return view(await this.preferences.list(reader));
  }

  @Put()
  @ApiOperation({ summary: 'Changes by which ways one is told of the types given' })
  @Requires('notifications:write', OWN)
  async change(@CurrentPrincipal() reader: Principal, @Body('notification_preferences') body: PreferencesBody) {
    return view(await this.preferences.change(reader, body.toDomain()));
  }
}

function view(preferences: readonly Preference[]) {
  return { preferences: preferences.map(({ type, inApp, email }) => ({ type, in_app: inApp, email })) };
}

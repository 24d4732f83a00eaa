import { Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body } from '#request';
import { AlertSettings, type ShownSettings } from '../alert-settings.service.js';
import { AlertSettingsBody } from './alert-settings.dto.js';

@ApiTags('Security alerts')
@Controller('api/v1/security_alert_settings')
export class AlertSettingsController {
  constructor(private readonly settings: AlertSettings) {}

  @Get()
  @ApiOperation({ summary: 'Whom alerts reach; the Slack address is masked' })
  @Requires('admin', { openWhenLapsed: true })
  async show(@CurrentPrincipal() admin: Principal) {
    return view(await this.settings.show(admin));
  }

  @Put()
  @ApiOperation({ summary: 'Changes whom alerts reach; what is left out stays, and so does a Slack address sent back masked' })
  @Requires('admin')
  async change(@CurrentPrincipal() admin: Principal, @Body('security_alert_settings') body: AlertSettingsBody) {
    return view(await this.settings.change(admin, body.toDomain()));
  }
}

function view({ emails, slackWebhookUrl }: ShownSettings) {
  return { emails, slack_webhook_url: slackWebhookUrl };
}

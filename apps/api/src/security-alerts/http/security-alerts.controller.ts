import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires, WishedLocale } from '#access';
import type { Locale, Principal } from '#domain';
import { listed, Page, type PageRequest, RowId } from '#request';
import { SecurityAlerts, type ToldAlert } from '../security-alerts.service.js';

@ApiTags('Security alerts')
@Controller('api/v1/security_alerts')
export class SecurityAlertsController {
  constructor(private readonly alerts: SecurityAlerts) {}

  @Get()
  @ApiOperation({ summary: 'Lists the organization’s alerts, newest first' })
  @Requires('admin', { openWhenLapsed: true })
  async list(@CurrentPrincipal() admin: Principal, @WishedLocale() wished: Locale | undefined, @Page() page: PageRequest) {
    const { rows, total } = await this.alerts.list(admin, page, wished ?? admin.locale);
    return listed({ rows: rows.map(alertView), total }, page);
  }

  @Post(':id/acknowledge')
  @ApiOperation({ summary: 'Notes that somebody has seen to an alert' })
  @HttpCode(200)
  @Requires('admin', { openWhenLapsed: true })
  async acknowledge(@CurrentPrincipal() admin: Principal, @WishedLocale() wished: Locale | undefined, @RowId() id: number) {
    return alertView(await this.alerts.acknowledge(admin, id, wished ?? admin.locale));
  }
}

function alertView({ alert, message }: ToldAlert) {
  const { id, type, severity, subjectType, subjectId, subjectName, count, firstSeenAt, lastSeenAt, acknowledgedAt } = alert;
  return {
    id,
    type,
    severity,
    subject: { type: subjectType, id: subjectId, name: subjectName },
    message,
    count,
    first_seen_at: firstSeenAt,
    last_seen_at: lastSeenAt,
    acknowledged_at: acknowledgedAt,
  };
}

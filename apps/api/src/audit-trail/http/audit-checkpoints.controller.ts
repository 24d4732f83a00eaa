import { Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { listed, Page, type PageRequest } from '#request';
import { AuditTrail } from '../audit-trail.service.js';
import { checkpointView } from './trail.view.js';

@ApiTags('Audit')
@Controller('api/v1/audit_checkpoints')
export class AuditCheckpointsController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  @ApiOperation({ summary: 'Lists the signed checkpoints of the audit trail, newest first' })
  @Requires('admin', { openWhenLapsed: true })
  async list(@CurrentPrincipal() admin: Principal, @Page() page: PageRequest) {
    const { rows, total } = await this.trail.listCheckpoints(admin, page);
    return listed({ rows: rows.map(checkpointView), total }, page);
  }

  @Post()
  @ApiOperation({ summary: 'Signs how the audit trail stands now' })
  @Requires('admin', { openWhenLapsed: true })
  async sign(@CurrentPrincipal() admin: Principal) {
    return checkpointView(await this.trail.signCheckpoint(admin));
  }
}

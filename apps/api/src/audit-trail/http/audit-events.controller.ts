import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Filters, listed, Page, type PageRequest } from '#request';
import { AuditTrail } from '../audit-trail.service.js';
import { TrailQuery } from './trail.dto.js';
import { eventView } from './trail.view.js';
import { CSV, NDJSON, sendExport } from './trail-export.js';

const OPEN_WHEN_LAPSED = { openWhenLapsed: true } as const;

@ApiTags('Audit')
@Controller('api/v1')
export class AuditEventsController {
  constructor(private readonly trail: AuditTrail) {}

  @Get('audit_events')
  @ApiOperation({ summary: 'Lists what happened, newest first; `from` is the first moment that counts, `to` the first that counts no more' })
  @Requires('admin', OPEN_WHEN_LAPSED)
  async list(@CurrentPrincipal() admin: Principal, @Filters() filters: TrailQuery, @Page() page: PageRequest) {
    const { rows, total } = await this.trail.list(admin, filters.toDomain(), page);
    return listed({ rows: rows.map(eventView), total }, page);
  }

  @Get('audit_events/verify')
  @ApiOperation({ summary: 'Recomputes the organization’s chain of hashes, and measures it against its signed checkpoints' })
  @Requires('admin', OPEN_WHEN_LAPSED)
  async verify(@CurrentPrincipal() admin: Principal) {
    return this.trail.verify(admin);
  }

  @Get('audit_events.ndjson')
  @ApiOperation({ summary: 'Streams events as lines of JSON, oldest first, each with its place in its chain' })
  @ApiProduces('application/x-ndjson')
  @Requires('admin', OPEN_WHEN_LAPSED)
  async ndjson(@CurrentPrincipal() admin: Principal, @Filters() filters: TrailQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    await sendExport(this.trail.inBatches(admin, filters.toDomain()), NDJSON, request, response);
  }

  @Get('audit_events.csv')
  @ApiOperation({ summary: 'Streams events as CSV (RFC 4180), oldest first; no cell is a formula' })
  @ApiProduces('text/csv')
  @Requires('admin', OPEN_WHEN_LAPSED)
  async csv(@CurrentPrincipal() admin: Principal, @Filters() filters: TrailQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    await sendExport(this.trail.inBatches(admin, filters.toDomain()), CSV, request, response);
  }
}

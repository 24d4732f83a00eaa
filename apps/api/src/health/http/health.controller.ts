import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '#access';
import { Config } from '#config';
import { Readiness } from '../readiness.service.js';

@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly config: Config,
  ) {}

  /** The process answers: nothing else is asked, so that an outage elsewhere restarts nobody. */
  @Get('health/live')
  @ApiOperation({ summary: 'Whether the process answers' })
  @Public()
  live() {
    return { status: 'ok' };
  }

  /** 503, naming the part, while this instance should get no requests. */
  @Get('health/ready')
  @ApiOperation({ summary: 'Whether this instance may be sent requests' })
  @Public()
  async ready(@Res({ passthrough: true }) response: Response) {
    const missing = await this.readiness.missing();
    if (missing.length === 0) return { status: 'ok' };
    response.status(503).setHeader('Retry-After', '1');
    return { status: 'unavailable', missing };
  }

  @Get('api/v1/health')
  @ApiOperation({ summary: 'Status and version' })
  @Public()
  health() {
    return { status: 'ok', version: this.config.version };
  }
}

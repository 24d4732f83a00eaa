import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '#access';
import { Config } from '#config';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import { DEMO_PAGE, demoPolicy } from './demo.page.js';

/** Shows notifications as a product's page would; in development alone. */
@Controller('api/demo')
export class DemoController {
  private readonly policy: string;

  constructor(
    private readonly config: Config,
    secrets: Secrets,
  ) {
    this.policy = demoPolicy((text) => secrets.digest(text));
  }

  @Get('notifications')
  @ApiExcludeEndpoint()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Public()
  notifications(@Res({ passthrough: true }) response: Response): string {
    if (this.config.production) throw new DomainError('not_found');
    response.setHeader('Content-Security-Policy', this.policy);
    return DEMO_PAGE;
  }
}

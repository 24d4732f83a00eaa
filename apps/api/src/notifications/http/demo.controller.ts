import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { Public } from '#access';
import { Config } from '#config';
import { DomainError } from '#domain';
import { DEMO_PAGE, DEMO_POLICY } from './demo.page.js';

/** Shows notifications as a product's page would; in development alone. */
@Controller('api/demo')
export class DemoController {
  constructor(private readonly config: Config) {}

  @Get('notifications')
  @ApiExcludeEndpoint()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', DEMO_POLICY)
  @Public()
  notifications(): string {
    if (this.config.production) throw new DomainError('not_found');
    return DEMO_PAGE;
  }
}

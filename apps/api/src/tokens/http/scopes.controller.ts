import { Controller, Get, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Requires } from '#access';
import { SCOPES } from '#domain';
import { ReaderLocale } from '#errors';
import { Translator } from '#locale';
import { Page, type PageRequest, paged } from '#request';

/** The catalogue of scopes that people choose from. */
@ApiTags('Workspace API tokens')
@Controller('api/v1/scopes')
export class ScopesController {
  constructor(
    private readonly translator: Translator,
    private readonly reader: ReaderLocale,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every scope, with what it opens in a sentence' })
  @Requires('credential')
  list(@Req() request: Request, @Page() page: PageRequest) {
    const locale = this.reader.known(request);
    return paged(SCOPES.map((scope) => ({ scope, description: this.translator.sentence(locale, `scopes.${scope}`) })), page);
  }
}

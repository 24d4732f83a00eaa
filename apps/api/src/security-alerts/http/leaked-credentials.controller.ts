import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { Body } from '#request';
import { LeakedCredentials } from '../leaked-credentials.service.js';
import { LeakedCredentialBody } from './leaked-credentials.dto.js';

@ApiTags('Security alerts')
@Controller('api/v1/leaked_credentials')
export class LeakedCredentialsController {
  constructor(private readonly leaked: LeakedCredentials) {}

  @Post()
  @ApiOperation({ summary: 'Ends a credential that was found where it should not be: a workspace token, an extension’s key or a client secret' })
  @HttpCode(202)
  @Public({ limited: true })
  async report(@Body('leaked_credential') body: LeakedCredentialBody) {
    const { credential, sourceUrl } = body.toDomain();
    if (credential !== undefined) await this.leaked.report(credential, sourceUrl);
    return { status: 'accepted' };
  }
}

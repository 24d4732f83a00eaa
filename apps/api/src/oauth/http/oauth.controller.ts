import { Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public } from '#access';
import { DomainError } from '#domain';
import type { ClientRequest } from '../client-authentication/client-authentication.js';
import type { TokenResponse } from '../grants/grant.js';
import { OAuth } from '../oauth.service.js';
import { introspectionView } from './introspection.view.js';

const FORM = 'application/x-www-form-urlencoded';
/** What belongs into the body or a header: a query stands in logs on the way (RFC 6749 §2.3.1). */
const SECRET = ['client_id', 'client_secret', 'client_assertion', 'token', 'code', 'password', 'grant_type', 'scope'];

@ApiTags('OAuth')
@Controller('oauth')
export class OAuthController {
  constructor(private readonly oauth: OAuth) {}

  @Post('token')
  @ApiOperation({ summary: 'Issues an access token for client credentials (RFC 6749 §4.4)' })
  @ApiConsumes(FORM)
  @ApiBody({ schema: { type: 'object', required: ['grant_type'], properties: { grant_type: { type: 'string', enum: ['client_credentials'] }, scope: { type: 'string' }, client_id: { type: 'string' }, client_secret: { type: 'string' } } } })
  @HttpCode(200)
  @Header('Pragma', 'no-cache')
  @Public()
  async token(@Req() request: Request): Promise<TokenResponse> {
    return this.oauth.token(clientRequest(request));
  }

  @Post('revoke')
  @ApiOperation({ summary: "Ends one of the client's own access tokens (RFC 7009)" })
  @ApiConsumes(FORM)
  @ApiBody({ schema: { type: 'object', required: ['token'], properties: { token: { type: 'string' }, token_type_hint: { type: 'string' } } } })
  @HttpCode(200)
  @Public()
  async revoke(@Req() request: Request): Promise<object> {
    await this.oauth.revoke(clientRequest(request));
    return {};
  }

  @Post('introspect')
  @ApiOperation({ summary: "Says what a credential of the client's organization opens now (RFC 7662)" })
  @ApiConsumes(FORM)
  @ApiBody({ schema: { type: 'object', required: ['token'], properties: { token: { type: 'string' }, token_type_hint: { type: 'string' } } } })
  @HttpCode(200)
  @Public()
  async introspect(@Req() request: Request) {
    return introspectionView(await this.oauth.introspect(clientRequest(request)));
  }
}

/** @throws invalid_request for credentials in the query, and for more than one Authorization header */
function clientRequest(request: Request): ClientRequest {
  const inQuery = SECRET.some((name) => request.query[name] !== undefined);
  if (inQuery || (request.headersDistinct['authorization']?.length ?? 0) > 1) throw new DomainError('invalid_request');
  return { headers: request.headers, form: request.body as Record<string, string>, ip: request.context.ip };
}

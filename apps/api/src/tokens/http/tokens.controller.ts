import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters, listed, Page, type PageRequest, RowId } from '#request';
import { SORTABLE } from '../domain/listed-token.js';
import { WorkspaceTokens } from '../tokens.service.js';
import { IssueTokenBody, RenameTokenBody, RotateTokenBody, TokenQuery } from './tokens.dto.js';
import { toldTokenView, tokenView } from './tokens.view.js';

const WRAPPER = 'workspace_api_token';
/** An application's or an extension's credential keeps no tokens, whatever its scopes. */
const OPENS_TO = { kinds: ['user', 'workspace_token'] } as const;

@ApiTags('Workspace API tokens')
@Controller('api/v1/workspace_api_tokens')
export class TokensController {
  constructor(private readonly tokens: WorkspaceTokens) {}

  @Get()
  @ApiOperation({ summary: "Lists the organization's tokens" })
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async list(@CurrentPrincipal() admin: Principal, @Filters() filters: TokenQuery, @Page(SORTABLE) page: PageRequest) {
    const { rows, total } = await this.tokens.list(admin, filters.toDomain(), page);
    return listed({ rows: rows.map(tokenView), total }, page);
  }

  @Post()
  @ApiOperation({ summary: 'Issues a token, told this once' })
  @Requires('admin', OPENS_TO)
  async issue(@CurrentPrincipal() issuer: Principal, @Body(WRAPPER) body: IssueTokenBody) {
    return toldTokenView(await this.tokens.issue(issuer, body.toDomain()));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One token' })
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async show(@CurrentPrincipal() admin: Principal, @RowId() id: number) {
    return tokenView(await this.tokens.show(admin, id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Renames a token' })
  @Requires('admin', OPENS_TO)
  async rename(@CurrentPrincipal() admin: Principal, @RowId() id: number, @Body(WRAPPER) { name }: RenameTokenBody) {
    return tokenView(await this.tokens.rename(admin, id, name));
  }

  @Post(':id/rotate')
  @ApiOperation({ summary: 'Gives a token a new secret; the one before works on for the grace period' })
  @HttpCode(200)
  @Requires('admin', OPENS_TO)
  async rotate(@CurrentPrincipal() admin: Principal, @RowId() id: number, @Body(WRAPPER) { grace_period_seconds: grace = 0 }: RotateTokenBody) {
    return toldTokenView(await this.tokens.rotate(admin, id, grace));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Revokes a token' })
  @HttpCode(204)
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async revoke(@CurrentPrincipal() admin: Principal, @RowId() id: number): Promise<void> {
    await this.tokens.revoke(admin, id);
  }
}

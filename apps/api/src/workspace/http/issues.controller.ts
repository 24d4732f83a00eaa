import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters, Page, type PageRequest, listed } from '#request';
import type { IssueRef as Ref } from '../domain/issue-key.js';
import { Issues } from '../issues.service.js';
import { issueView } from './issue.view.js';
import { ChangeIssueBody, IssueFilters, OpenIssueBody, TransitionBody } from './issues.dto.js';
import { mounts } from './mounts.js';
import { IssueRef } from './refs.js';

@ApiTags('Workspace')
@Controller(mounts('issues'))
export class IssuesController {
  constructor(private readonly issues: Issues) {}

  @Get()
  @ApiOperation({ summary: 'Lists issues, newest first' })
  @Requires('issues:read')
  async list(
    @Filters() filters: IssueFilters,
    @Page(['created_at', 'updated_at', 'title']) page: PageRequest,
    @CurrentPrincipal() { realm }: Principal,
  ) {
    const { rows, total } = await this.issues.list(realm, filters.toDomain(), page);
    return listed({ rows: rows.map(issueView), total }, page);
  }

  @Post()
  @ApiOperation({ summary: 'Opens an issue in a project' })
  @Requires('issues:write')
  async open(@Body('issue', { beside: ['project_id', 'project_key'] }) body: OpenIssueBody, @CurrentPrincipal() principal: Principal) {
    return issueView(await this.issues.open(principal, body.toDomain()));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows an issue, by its id or its key' })
  @Requires('issues:read')
  async show(@IssueRef() ref: Ref, @CurrentPrincipal() { realm }: Principal) {
    return issueView(await this.issues.get(realm, ref));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes an issue; a new status moves it by the workflow' })
  @Requires('issues:write')
  async change(@IssueRef() ref: Ref, @Body('issue') body: ChangeIssueBody, @CurrentPrincipal() principal: Principal) {
    return issueView(await this.issues.change(principal, ref, body.toDomain()));
  }

  @Post(':id/transition')
  @ApiOperation({ summary: 'Moves an issue by the workflow' })
  @HttpCode(200)
  @Requires('issues:write')
  async transition(@IssueRef() ref: Ref, @Body('transition') body: TransitionBody, @CurrentPrincipal() principal: Principal) {
    return issueView(await this.issues.transition(principal, ref, body.state));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Deletes an issue with its comments' })
  @HttpCode(204)
  @Requires('issues:write')
  async remove(@IssueRef() ref: Ref, @CurrentPrincipal() { realm }: Principal): Promise<void> {
    await this.issues.remove(realm, ref);
  }
}

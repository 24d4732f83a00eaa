import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires, WishedLocale } from '#access';
import type { Locale, Principal } from '#domain';
import { Translator } from '#locale';
import { Filters } from '#request';
import { Projects } from '../projects.service.js';
import { issueSchemaView } from './issue-schema.view.js';
import { IssueSchemaFilters } from './issues.dto.js';
import { mounts } from './mounts.js';
import { ProjectRef } from './refs.js';
import { sayIn, sayTo } from './say.js';

/** Every project has the same schema. */
@ApiTags('Workspace')
@Controller(mounts(''))
export class IssueSchemaController {
  constructor(
    private readonly projects: Projects,
    private readonly translator: Translator,
  ) {}

  @Get(['issue_schema', 'issues/schema'])
  @ApiOperation({ summary: 'Shows which types, states and priorities issues have' })
  @Requires('issues:read')
  async show(@Filters() { project_id }: IssueSchemaFilters, @CurrentPrincipal() caller: Principal, @WishedLocale() wished: Locale | undefined) {
    if (project_id !== undefined) await this.projects.get(caller.realm, project_id);
    return this.schema(caller, wished);
  }

  @Get('projects/:id/issue_schema')
  @ApiOperation({ summary: 'Shows which types, states and priorities the issues of a project have' })
  @Requires('issues:read')
  async ofProject(@ProjectRef() ref: number | string, @CurrentPrincipal() caller: Principal, @WishedLocale() wished: Locale | undefined) {
    await this.projects.get(caller.realm, ref);
    return this.schema(caller, wished);
  }

  private schema(caller: Principal, wished: Locale | undefined) {
    return issueSchemaView(sayTo(caller, wished, this.translator), sayIn('en', this.translator));
  }
}

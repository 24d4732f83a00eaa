import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires, WishedLocale } from '#access';
import type { Locale, Principal } from '#domain';
import { Translator } from '#locale';
import { Page, type PageRequest, paged, RowId } from '#request';
import { Workflows } from '../workflows.service.js';
import { mounts } from './mounts.js';
import { sayTo } from './say.js';
import { workflowView } from './workflow.view.js';

@ApiTags('Workspace')
@Controller(mounts('workflows'))
export class WorkflowsController {
  constructor(
    private readonly workflows: Workflows,
    private readonly translator: Translator,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the workflows of the organization' })
  @Requires('workflows:read')
  async list(@Page(['created_at', 'updated_at']) page: PageRequest, @CurrentPrincipal() caller: Principal, @WishedLocale() wished: Locale | undefined) {
    const say = sayTo(caller, wished, this.translator);
    const workflows = await this.workflows.list(caller.organization.id);
    return paged(workflows.map((workflow) => workflowView(workflow, say)), page, 'workflows');
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a workflow: its states, and which leads to which' })
  @Requires('workflows:read')
  async show(@RowId() id: number, @CurrentPrincipal() caller: Principal, @WishedLocale() wished: Locale | undefined) {
    return workflowView(await this.workflows.get(caller.organization.id, id), sayTo(caller, wished, this.translator));
  }
}

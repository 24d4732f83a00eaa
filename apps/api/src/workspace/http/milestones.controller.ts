import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters, Page, type PageRequest, RowId, listed } from '#request';
import { Milestones } from '../milestones.service.js';
import { milestoneView } from './milestone.view.js';
import { ChangeMilestoneBody, CreateMilestoneBody, MilestoneFilters } from './milestones.dto.js';
import { mounts } from './mounts.js';
import { ProjectRef } from './refs.js';

@ApiTags('Workspace')
@Controller(mounts('projects/:id/milestones'))
export class MilestonesController {
  constructor(private readonly milestones: Milestones) {}

  @Get()
  @ApiOperation({ summary: 'Lists the milestones of a project' })
  @Requires('projects:read')
  async list(
    @ProjectRef() project: number | string,
    @Filters() filters: MilestoneFilters,
    @Page(['created_at', 'updated_at', 'name']) page: PageRequest,
    @CurrentPrincipal() { realm }: Principal,
  ) {
    const { rows, total } = await this.milestones.list(realm, project, filters.toDomain(), page);
    return listed({ rows: rows.map(milestoneView), total }, page, 'milestones');
  }

  @Post()
  @ApiOperation({ summary: 'Creates a milestone' })
  @Requires('projects:write')
  async create(@ProjectRef() project: number | string, @Body('milestone') body: CreateMilestoneBody, @CurrentPrincipal() principal: Principal) {
    return milestoneView(await this.milestones.create(principal, project, body.toDomain()));
  }

  @Get(':milestone_id')
  @ApiOperation({ summary: 'Shows a milestone' })
  @Requires('projects:read')
  async show(@ProjectRef() project: number | string, @RowId('milestone_id') id: number, @CurrentPrincipal() { realm }: Principal) {
    return milestoneView(await this.milestones.get(realm, project, id));
  }

  @Patch(':milestone_id')
  @ApiOperation({ summary: 'Changes a milestone' })
  @Requires('projects:write')
  async change(
    @ProjectRef() project: number | string,
    @RowId('milestone_id') id: number,
    @Body('milestone') body: ChangeMilestoneBody,
    @CurrentPrincipal() { realm }: Principal,
  ) {
    return milestoneView(await this.milestones.change(realm, project, id, body.toDomain()));
  }

  @Delete(':milestone_id')
  @ApiOperation({ summary: 'Deletes a milestone; its issues stay' })
  @HttpCode(204)
  @Requires('projects:write')
  async remove(@ProjectRef() project: number | string, @RowId('milestone_id') id: number, @CurrentPrincipal() { realm }: Principal): Promise<void> {
    await this.milestones.remove(realm, project, id);
  }
}

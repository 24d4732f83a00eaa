import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters, Page, type PageRequest, listed } from '#request';
import { Projects } from '../projects.service.js';
import { mounts } from './mounts.js';
import { projectView } from './project.view.js';
import { ChangeProjectBody, CreateProjectBody, ProjectFilters } from './projects.dto.js';
import { ProjectRef } from './refs.js';

@ApiTags('Workspace')
@Controller(mounts('projects'))
export class ProjectsController {
  constructor(private readonly projects: Projects) {}

  @Get()
  @ApiOperation({ summary: 'Lists projects' })
  @Requires('projects:read')
  async list(
    @Filters() filters: ProjectFilters,
    @Page(['created_at', 'updated_at', 'name']) page: PageRequest,
    @CurrentPrincipal() { realm }: Principal,
  ) {
    const { rows, total } = await this.projects.list(realm, filters.toDomain(), page);
    return listed({ rows: rows.map(projectView), total }, page);
  }

  @Post()
  @ApiOperation({ summary: 'Creates a project' })
  @Requires('projects:write')
  async create(@Body('project') body: CreateProjectBody, @CurrentPrincipal() { realm }: Principal) {
    return projectView(await this.projects.create(realm, body.toDomain()));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a project, by its id or its key' })
  @Requires('projects:read')
  async show(@ProjectRef() ref: number | string, @CurrentPrincipal() { realm }: Principal) {
    return projectView(await this.projects.get(realm, ref));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a project' })
  @Requires('projects:write')
  async change(@ProjectRef() ref: number | string, @Body('project') body: ChangeProjectBody, @CurrentPrincipal() { realm }: Principal) {
    return projectView(await this.projects.change(realm, ref, body.toDomain()));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Deletes a project with its issues, comments and milestones' })
  @HttpCode(204)
  @Requires('projects:write')
  async remove(@ProjectRef() ref: number | string, @CurrentPrincipal() actor: Principal): Promise<void> {
    await this.projects.remove(actor, ref);
  }
}

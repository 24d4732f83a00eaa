import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters, listed, Page, type PageRequest } from '#request';
import { Installations } from '../installations.service.js';
import { InstallBody, ProjectQuery, UpgradeBody } from './extensions.dto.js';
import { extensionView, installedView } from './extensions.view.js';
import { InstallationId } from './installation-ref.js';

const WRAPPER = 'extension';

@ApiTags('Extensions')
@Controller('api/v1/extensions')
export class ExtensionsController {
  constructor(private readonly installations: Installations) {}

  @Get()
  @ApiOperation({ summary: 'Lists installed extensions' })
  @Requires('admin', { openWhenLapsed: true })
  async list(@CurrentPrincipal() admin: Principal, @Filters() { project_id: projectId }: ProjectQuery, @Page(['installed_at', 'name']) page: PageRequest) {
    const { rows, total } = await this.installations.list(admin, projectId, page);
    return listed({ rows: rows.map(extensionView), total }, page, 'extensions');
  }

  @Post()
  @ApiOperation({ summary: 'Installs an extension into one project; its API key is told this once' })
  @Requires('admin')
  async install(@CurrentPrincipal() admin: Principal, @Body(WRAPPER) body: InstallBody) {
    return installedView(await this.installations.install(admin, body.project_id, body.toDomain()));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows an installed extension, to an admin or to itself' })
  @Requires('admin', { unscopedFor: ['extension'], openWhenLapsed: true })
  async show(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery) {
    return extensionView(await this.installations.show(caller, { id, projectId }));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Upgrades an extension; permissions that grew must be accepted' })
  @Requires('admin')
  async upgrade(@CurrentPrincipal() admin: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery, @Body(WRAPPER) body: UpgradeBody) {
    const { document, consent } = body.toDomain();
    return extensionView(await this.installations.upgrade(admin, { id, projectId }, document, consent));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Uninstalls an extension, with its keys and secrets' })
  @HttpCode(204)
  @Requires('admin', { openWhenLapsed: true })
  async uninstall(@CurrentPrincipal() admin: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery): Promise<void> {
    await this.installations.uninstall(admin, { id, projectId });
  }
}

import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, listed, Page, type PageRequest, RowId } from '#request';
import { Applications } from '../applications.service.js';
import { AddSecretBody, RegisterApplicationBody, UpdateApplicationBody } from './applications.dto.js';
import { addedSecretView, applicationView, registeredView } from './applications.view.js';

const WRAPPER = 'oauth_application';

@ApiTags('OAuth applications')
@Controller('api/v1/oauth_applications')
export class ApplicationsController {
  constructor(private readonly applications: Applications) {}

  @Get()
  @ApiOperation({ summary: "Lists the organization's OAuth applications" })
  @Requires('admin', { openWhenLapsed: true })
  async list(@CurrentPrincipal() admin: Principal, @Page(['created_at', 'name']) page: PageRequest) {
    const { rows, total } = await this.applications.list(admin, page);
    return listed({ rows: rows.map(applicationView), total }, page);
  }

  @Post()
  @ApiOperation({ summary: 'Registers an application; its first secret is told this once' })
  @Requires('admin')
  async register(@CurrentPrincipal() admin: Principal, @Body(WRAPPER) body: RegisterApplicationBody) {
    return registeredView(await this.applications.register(admin, body.toDomain()));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows an application' })
  @Requires('admin', { openWhenLapsed: true })
  async show(@CurrentPrincipal() admin: Principal, @RowId() id: number) {
    return applicationView(await this.applications.show(admin, id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes an application; narrower scopes hold for its living tokens too' })
  @Requires('admin')
  async update(@CurrentPrincipal() admin: Principal, @RowId() id: number, @Body(WRAPPER) body: UpdateApplicationBody) {
    const { changes, grant } = body.toDomain();
    return applicationView(await this.applications.update(admin, id, changes, grant));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Deletes an application, with its tokens' })
  @HttpCode(204)
  @Requires('admin', { openWhenLapsed: true })
  async delete(@CurrentPrincipal() admin: Principal, @RowId() id: number): Promise<void> {
    await this.applications.delete(admin, id);
  }

  @Post(':id/secrets')
  @ApiOperation({ summary: 'Adds a second secret, told this once' })
  @Requires('admin')
  async addSecret(@CurrentPrincipal() admin: Principal, @RowId() id: number, @Body('secret') { expires_at: expiresAt = null }: AddSecretBody) {
    return addedSecretView(await this.applications.addSecret(admin, id, expiresAt));
  }

  @Delete(':id/secrets/:secret_id')
  @ApiOperation({ summary: 'Revokes a secret, with the tokens that it obtained' })
  @HttpCode(204)
  @Requires('admin', { openWhenLapsed: true })
  async revokeSecret(@CurrentPrincipal() admin: Principal, @RowId() id: number, @RowId('secret_id') secretId: number): Promise<void> {
    await this.applications.revokeSecret(admin, id, secretId);
  }
}

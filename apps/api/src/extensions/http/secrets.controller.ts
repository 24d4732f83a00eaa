import { Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Filters } from '#request';
import { ExtensionSecrets } from '../extension-secrets.service.js';
import { Installations } from '../installations.service.js';
import { ProjectQuery, RotateKeyBody } from './extensions.dto.js';
import { rotatedView } from './extensions.view.js';
import { InstallationId } from './installation-ref.js';
import { CreateSecretBody, SecretValueBody } from './secrets.dto.js';

const WRAPPER = 'secret';
/** To admins, and to the extension itself. */
const OPENS_TO = { unscopedFor: ['extension'] } as const;

@ApiTags('Extensions')
@Controller('api/v1/extensions/:id/secrets')
export class SecretsController {
  constructor(
    private readonly secrets: ExtensionSecrets,
    private readonly installations: Installations,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the names and fingerprints of its secrets' })
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async list(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery) {
    const secrets = await this.secrets.list(caller, { id, projectId });
    return { keys: secrets.map(({ key }) => key), secrets };
  }

  @Post()
  @ApiOperation({ summary: 'Creates a secret' })
  @Requires('admin', OPENS_TO)
  async create(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery, @Body(WRAPPER) { key, value }: CreateSecretBody) {
    return this.secrets.create(caller, { id, projectId }, key, value);
  }

  @Post('api_key/rotate')
  @ApiOperation({ summary: 'Gives it a new API key, told this once; the one before works on for the grace period' })
  @HttpCode(200)
  @Requires('admin', OPENS_TO)
  async rotate(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Filters() { project_id: projectId }: ProjectQuery, @Body() { grace_period_seconds: grace = 0 }: RotateKeyBody) {
    return rotatedView(await this.installations.rotateKey(caller, { id, projectId }, grace));
  }

  @Get(':key')
  @ApiOperation({ summary: 'Reads a secret; that it was read is audited' })
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async read(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Param('key') key: string, @Filters() { project_id: projectId }: ProjectQuery) {
    return { key, value: await this.secrets.read(caller, { id, projectId }, key) };
  }

  @Post(':key')
  @ApiOperation({ summary: 'Sets a secret, whether there was one or not' })
  @HttpCode(200)
  @Requires('admin', OPENS_TO)
  async set(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Param('key') key: string, @Filters() { project_id: projectId }: ProjectQuery, @Body(WRAPPER) { value }: SecretValueBody) {
    return this.secrets.set(caller, { id, projectId }, key, value);
  }

  @Patch(':key')
  @ApiOperation({ summary: 'Changes a secret' })
  @Requires('admin', OPENS_TO)
  async change(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Param('key') key: string, @Filters() { project_id: projectId }: ProjectQuery, @Body(WRAPPER) { value }: SecretValueBody) {
    return this.secrets.change(caller, { id, projectId }, key, value);
  }

  @Delete(':key')
  @ApiOperation({ summary: 'Deletes a secret' })
  @HttpCode(204)
  @Requires('admin', { ...OPENS_TO, openWhenLapsed: true })
  async delete(@CurrentPrincipal() caller: Principal, @InstallationId() id: number | string, @Param('key') key: string, @Filters() { project_id: projectId }: ProjectQuery): Promise<void> {
    await this.secrets.delete(caller, { id, projectId }, key);
  }
}

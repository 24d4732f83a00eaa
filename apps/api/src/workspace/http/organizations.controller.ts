import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import { DomainError, type OrganizationRef, type Principal } from '#domain';
import { mounts } from './mounts.js';

@ApiTags('Workspace')
@Controller(mounts('organizations'))
export class OrganizationsController {
  @Get(':slug')
  @ApiOperation({ summary: "Shows the caller's own organization" })
  @Requires('credential')
  show(@Param('slug') slug: string, @CurrentPrincipal() { organization }: Principal): OrganizationRef {
    if (organization.slug !== slug) throw new DomainError('not_found');
    return { id: organization.id, name: organization.name, slug: organization.slug };
  }
}

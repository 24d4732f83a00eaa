import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Filters, Page, type PageRequest, RowId, listed } from '#request';
import { present } from '../domain/present.js';
import { memberView, serviceView } from '../member.view.js';
import { Members } from '../members.service.js';
import { Users } from '../users.service.js';
import { mounts } from './mounts.js';
import { UserFilters } from './users.dto.js';

@ApiTags('Workspace')
@Controller(mounts('users'))
export class UsersController {
  constructor(
    private readonly members: Members,
    private readonly users: Users,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the members of the organization, pending ones included' })
  @Requires('users:read', { openWhenLapsed: true })
  async list(
    @Filters() filters: UserFilters,
    @Page(['created_at', 'updated_at', 'name']) page: PageRequest,
    @CurrentPrincipal() { organization }: Principal,
  ) {
    const { rows, total } = await this.members.list(organization.id, filters.toDomain(), page);
    return listed({ rows: rows.map(memberView), total }, page, 'users');
  }

  @Get('current')
  @ApiOperation({ summary: 'Shows the member that the credential belongs to' })
  @Requires('credential', { openWhenLapsed: true })
  async current(@CurrentPrincipal() { organization, userId, membershipId }: Principal) {
    if (membershipId === null) return serviceView(present(await this.users.byId(userId)), organization.id);
    return memberView(await this.members.get(organization.id, userId));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a member' })
  @Requires('users:read', { openWhenLapsed: true })
  async show(@RowId() id: number, @CurrentPrincipal() { organization }: Principal) {
    return memberView(await this.members.get(organization.id, id));
  }
}

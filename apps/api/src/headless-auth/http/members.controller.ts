import { Controller, Delete, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, RowId } from '#request';
import { memberView } from '../../workspace/index.js';
import { Invitations } from '../members/invitations.service.js';
import { MemberAdministration } from '../members/member-administration.service.js';
import { ChangeRoleBody, InviteBody } from './auth.dto.js';

@ApiTags('Members')
@Controller('api/v1/users')
export class MembersController {
  constructor(
    private readonly invitations: Invitations,
    private readonly administration: MemberAdministration,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Invites a person by mail' })
  @Requires('admin')
  async invite(@Body('user') body: InviteBody, @CurrentPrincipal() admin: Principal) {
    return memberView({ membership: await this.invitations.invite(admin, body.toDomain()), user: null });
  }

  @Patch(':id')
  @ApiOperation({ summary: "Changes a member's role" })
  @Requires('admin')
  async changeRole(@RowId() id: number, @Body('user') body: ChangeRoleBody, @CurrentPrincipal() admin: Principal) {
    return memberView(await this.administration.changeRole(admin, id, body.role));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Removes a member, with their sessions' })
  @HttpCode(204)
  @Requires('admin', { openWhenLapsed: true })
  async remove(@RowId() id: number, @CurrentPrincipal() admin: Principal): Promise<void> {
    await this.administration.remove(admin, id);
  }
}

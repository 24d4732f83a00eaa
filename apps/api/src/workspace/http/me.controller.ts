import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';

/** A person's credential is their session. */
const TYPES = { user: 'session', workspace_token: 'workspace_token', oauth_application: 'oauth_application', extension: 'extension' } as const;

@ApiTags('Workspace')
@Controller('api/v1/me')
export class MeController {
  @Get()
  @ApiOperation({ summary: 'Whose credential this is, and what it opens now' })
  @Requires('credential')
  show(@CurrentPrincipal() principal: Principal) {
    const { kind, credentialId, tokenPrefix, expiresAt, userId, name, email, role, organization, reach } = principal;
    return {
      id: userId,
      name,
      email,
      role,
      organization_id: organization.id,
      organization,
      scopes: reach,
      credential: { type: TYPES[kind], id: credentialId, token_prefix: tokenPrefix, expires_at: expiresAt },
    };
  }
}

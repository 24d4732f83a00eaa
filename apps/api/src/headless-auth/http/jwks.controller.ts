import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { SigningKeys } from '#jwt';

@ApiTags('Discovery')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  /** The public keys of RFC 7517 §5; a new one stands here an hour before it signs, and an instance may hear of it half a minute late. */
  @Get('jwks.json')
  @ApiOperation({ summary: 'The public keys that verify our JWTs (RFC 7517)' })
  @Header('Cache-Control', 'public, max-age=3500')
  @Public()
  jwks() {
    return this.keys.jwks();
  }
}

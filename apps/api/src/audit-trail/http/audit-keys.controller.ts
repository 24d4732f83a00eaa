import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { CheckpointKeyStore } from '#audit';

@ApiTags('Discovery')
@Controller('.well-known')
export class AuditKeysController {
  constructor(private readonly keys: CheckpointKeyStore) {}

  @Get('audit-keys.json')
  @ApiOperation({ summary: 'Every public key that signed a checkpoint of the audit trail, retired ones too' })
  @Header('Cache-Control', 'public, max-age=3500')
  @Public()
  async jwks() {
    return { keys: await this.keys.all() };
  }
}

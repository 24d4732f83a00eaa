import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { CheckpointKeyStore } from './checkpoint-key-store.js';
import { Checkpoints } from './checkpoints.js';
import { Feed } from './feed.js';
import { Forgetting } from './forgetting.js';
import { Issued } from './issued.js';
import { Sealer } from './sealer.js';
import { ChainVerifier } from './verify.js';

@Global()
@Module({
  providers: [Audit, Feed, Sealer, Forgetting, Issued, Checkpoints, CheckpointKeyStore, ChainVerifier],
  exports: [Audit, Feed, Issued, Sealer, Checkpoints, CheckpointKeyStore, ChainVerifier],
})
export class AuditModule {}

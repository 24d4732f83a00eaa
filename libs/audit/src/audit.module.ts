import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { CheckpointKeyStore } from './checkpoint-key-store.js';
import { Checkpoints } from './checkpoints.js';
import { Feed } from './feed.js';
import { Forgetting } from './forgetting.js';
import { Sealer } from './sealer.js';
import { ChainVerifier } from './verify.js';

@Global()
@Module({
  providers: [Audit, Feed, Sealer, Forgetting, Checkpoints, CheckpointKeyStore, ChainVerifier],
  exports: [Audit, Feed, Sealer, Checkpoints, CheckpointKeyStore, ChainVerifier],
})
export class AuditModule {}

import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { Feed } from './feed.js';
import { Forgetting } from './forgetting.js';
import { Issued } from './issued.js';
import { Sealer } from './sealer.js';
import { ChainVerifier } from './verify.js';

@Global()
@Module({ providers: [Audit, Feed, Sealer, Forgetting, Issued, ChainVerifier], exports: [Audit, Feed, Issued, Sealer, ChainVerifier] })
export class AuditModule {}

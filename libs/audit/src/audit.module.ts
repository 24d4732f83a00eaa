import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { Feed } from './feed.js';
import { Sealer } from './sealer.js';
import { ChainVerifier } from './verify.js';

@Global()
@Module({ providers: [Audit, Feed, Sealer, ChainVerifier], exports: [Audit, Feed, Sealer, ChainVerifier] })
export class AuditModule {}

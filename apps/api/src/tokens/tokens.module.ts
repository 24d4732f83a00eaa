import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WorkspaceModule } from '../workspace/index.js';
import { ExpiryWarnings } from './expiry-warnings.service.js';
import { ScopesController } from './http/scopes.controller.js';
import { TokensController } from './http/tokens.controller.js';
import { LastUse } from './last-use.service.js';
import { TokenReader } from './storage/token-reader.js';
import { TokenSecretRepository } from './storage/token-secret.repository.js';
import { WorkspaceTokenRepository } from './storage/workspace-token.repository.js';
import { WorkspaceTokenSchema } from './storage/workspace-token.schema.js';
import { TokenAuthenticator } from './token-authenticator.js';
import { TokenEndings } from './token-endings.service.js';
import { TokenNotices } from './token-notices.service.js';
import { WorkspaceTokens } from './tokens.service.js';

@Module({
  imports: [WorkspaceModule, TypeOrmModule.forFeature([WorkspaceTokenSchema])],
  controllers: [TokensController, ScopesController],
  providers: [
    WorkspaceTokens, TokenAuthenticator, TokenNotices, ExpiryWarnings, LastUse, TokenEndings,
    WorkspaceTokenRepository, TokenSecretRepository, TokenReader,
  ],
})
export class TokensModule {}

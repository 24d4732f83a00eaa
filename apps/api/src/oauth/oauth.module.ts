import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WorkspaceModule } from '../workspace/index.js';
import { ApplicationEndings } from './application-endings.service.js';
import { Applications } from './applications.service.js';
import { ClientSecretBasic } from './client-authentication/client-secret-basic.js';
import { ClientSecretPost } from './client-authentication/client-secret-post.js';
import { Clients } from './client-authentication/clients.service.js';
import { EndedSecrets } from './client-authentication/ended-secrets.service.js';
import { PrivateKeyJwt } from './client-authentication/private-key-jwt.js';
import { SecretUse } from './client-authentication/secret-use.service.js';
import { ClientCredentials } from './grants/client-credentials.js';
import { ApplicationsController } from './http/applications.controller.js';
import { MetadataController } from './http/metadata.controller.js';
import { OAuthController } from './http/oauth.controller.js';
import { OAuthAuthenticator } from './oauth-authenticator.js';
import { OAuth } from './oauth.service.js';
import { ApplicationRepository } from './storage/application.repository.js';
import { ApplicationSchema } from './storage/application.schema.js';
import { AssertionRepository } from './storage/assertion.repository.js';
import { ClientReader } from './storage/client-reader.js';
import { ClientSecretRepository } from './storage/client-secret.repository.js';
import { ClientSecretSchema } from './storage/client-secret.schema.js';
import { GrantReader } from './storage/grant-reader.js';
import { RevokedTokenRepository } from './storage/revoked-token.repository.js';
import { Sweeper } from './sweeper.service.js';

const SERVICES = [Applications, OAuth, OAuthAuthenticator, Clients, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt, ClientCredentials, SecretUse, EndedSecrets, ApplicationEndings, Sweeper];

const STORAGE = [ApplicationRepository, ClientSecretRepository, ClientReader, GrantReader, RevokedTokenRepository, AssertionRepository];

@Module({
  imports: [WorkspaceModule, TypeOrmModule.forFeature([ApplicationSchema, ClientSecretSchema])],
  controllers: [OAuthController, MetadataController, ApplicationsController],
  providers: [...SERVICES, ...STORAGE],
})
export class OAuthModule {}

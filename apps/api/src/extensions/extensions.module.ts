import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WorkspaceModule } from '../workspace/index.js';
import { BrokenSecrets } from './broken-secrets.service.js';
import { ExtensionAuthenticator } from './extension-authenticator.js';
import { ExtensionSecrets } from './extension-secrets.service.js';
import { ExtensionsController } from './http/extensions.controller.js';
import { SecretsController } from './http/secrets.controller.js';
import { Installations } from './installations.service.js';
import { KeyEndings } from './key-endings.service.js';
import { KeyUse } from './key-use.service.js';
import { UninstallationWithProject } from './uninstallation-with-project.js';
import { SecretReencryption } from './reencryption.service.js';
import { DataKeyRepository } from './storage/data-key.repository.js';
import { ExtensionKeyRepository } from './storage/extension-key.repository.js';
import { ExtensionSecretRepository } from './storage/extension-secret.repository.js';
import { InstallationRepository } from './storage/installation.repository.js';
import { InstallationSchema } from './storage/installation.schema.js';
import { KeyReader } from './storage/key-reader.js';
import { ValueSeal } from './value-seal.service.js';

const SERVICES = [Installations, ExtensionSecrets, ExtensionAuthenticator, KeyUse, KeyEndings, UninstallationWithProject, ValueSeal, BrokenSecrets, SecretReencryption];

const STORAGE = [InstallationRepository, ExtensionKeyRepository, KeyReader, ExtensionSecretRepository, DataKeyRepository];

@Module({
  imports: [WorkspaceModule, TypeOrmModule.forFeature([InstallationSchema])],
  controllers: [ExtensionsController, SecretsController],
  providers: [...SERVICES, ...STORAGE],
})
export class ExtensionsModule {}

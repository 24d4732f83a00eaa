import { Global, Module } from '@nestjs/common';
import { DataKeys } from './data-keys.js';
import { HashQueue } from './hash-queue.js';
import { DEFAULT_PASSWORD_COST, PASSWORD_COST, Passwords } from './passwords.js';
import { SealedBox } from './sealed-box.js';
import { Secrets } from './secrets.js';
import { ValueFingerprints } from './value-fingerprints.js';

@Global()
@Module({
  providers: [
    Secrets,
    SealedBox,
    DataKeys,
    ValueFingerprints,
    Passwords,
    { provide: HashQueue, useFactory: () => new HashQueue() },
    { provide: PASSWORD_COST, useValue: DEFAULT_PASSWORD_COST },
  ],
  exports: [Secrets, SealedBox, DataKeys, ValueFingerprints, Passwords],
})
export class SecretsModule {}

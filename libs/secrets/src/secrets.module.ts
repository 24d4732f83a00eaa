import { Global, Module } from '@nestjs/common';
import { HashQueue } from './hash-queue.js';
import { DEFAULT_PASSWORD_COST, PASSWORD_COST, Passwords } from './passwords.js';
import { SealedBox } from './sealed-box.js';
import { Secrets } from './secrets.js';

@Global()
@Module({
  providers: [
    Secrets,
    SealedBox,
    Passwords,
    { provide: HashQueue, useFactory: () => new HashQueue() },
    { provide: PASSWORD_COST, useValue: DEFAULT_PASSWORD_COST },
  ],
  exports: [Secrets, SealedBox, Passwords],
})
export class SecretsModule {}

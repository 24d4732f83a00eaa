import { Injectable } from '@nestjs/common';
import { byDatabaseTime, Traffic, type TrafficReader, type Use } from '#access';
import { Clock } from '#clock';
import { Database } from '#database';
import { ExtensionKeyRepository } from './storage/extension-key.repository.js';

/** Keeps when each key was used last, so that an admin sees when the one before can go. */
@Injectable()
export class KeyUse implements TrafficReader {
  readonly name = 'last use of extension keys';

  constructor(
    traffic: Traffic,
    private readonly keys: ExtensionKeyRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    traffic.register(this);
  }

  async take(uses: readonly Use[]): Promise<void> {
    const ofKeys = uses.filter(({ kind }) => kind === 'extension');
    if (ofKeys.length > 0) await this.keys.markUsed(await byDatabaseTime(ofKeys, this.database, this.clock));
  }
}

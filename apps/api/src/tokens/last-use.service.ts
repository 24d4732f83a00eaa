import { Injectable } from '@nestjs/common';
import { byDatabaseTime, Traffic, type TrafficReader, type Use } from '#access';
import { Clock } from '#clock';
import { Database } from '#database';
import { WorkspaceTokenRepository } from './storage/workspace-token.repository.js';

/** Keeps when and from where each token was used last, a few seconds late and without a write per request. */
@Injectable()
export class LastUse implements TrafficReader {
  readonly name = 'last use of workspace tokens';

  constructor(
    traffic: Traffic,
    private readonly tokens: WorkspaceTokenRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    traffic.register(this);
  }

  async take(uses: readonly Use[]): Promise<void> {
    const ofTokens = uses.filter(({ kind }) => kind === 'workspace_token');
    if (ofTokens.length === 0) return;
    await this.tokens.markUsed(await byDatabaseTime(ofTokens, this.database, this.clock));
  }
}

import { Injectable } from '@nestjs/common';
import { Traffic, type TrafficReader, type Use } from '#access';
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
    const ahead = await this.millisecondsAhead();
    await this.tokens.markUsed(ofTokens.map((use) => ({ ...use, lastAt: new Date(use.lastAt.getTime() - ahead) })));
  }

  /** By how much this instance's clock goes before the database's, by which all instances tell the time. */
  private async millisecondsAhead(): Promise<number> {
    const told = this.clock.at(await this.database.time());
    return this.clock.now().getTime() - told.getTime();
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { warningHorizon } from './domain/workspace-token.js';
import { WorkspaceTokenRepository } from './storage/workspace-token.repository.js';
import { TokenNotices } from './token-notices.service.js';

const PAUSE_SECONDS = 60;

/** Warns of tokens that are about to expire: a week before, and a day. */
@Injectable()
export class ExpiryWarnings implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
    private readonly tokens: WorkspaceTokenRepository,
    private readonly notices: TokenNotices,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'expiry warnings', async () => this.send());
  }

  /** Sends what is due; each warning once, whichever instance looks first. */
  async send(): Promise<void> {
    for (let last: number | null = 0; last !== null; ) last = await this.next(last);
  }

  /** The mark and the mails are one transaction. */
  private async next(after: number): Promise<number | null> {
    return this.database.transaction(async () => {
      const now = this.clock.now();
      const token = await this.tokens.lockExpiring(after, warningHorizon(now), now);
      if (token === null) return null;
      const days = token.takeWarning(now);
      if (days !== null) {
        await this.tokens.save(token);
        await this.notices.expiring(token, days);
      }
      return token.id;
    });
  }
}

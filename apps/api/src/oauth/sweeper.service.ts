import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { AssertionRepository } from './storage/assertion.repository.js';
import { RevokedTokenRepository } from './storage/revoked-token.repository.js';

const PAUSE_SECONDS = 600;
/** The database's clock judges, and ours may be ahead of it. */
const MARGIN_MS = 3 * 60 * 60 * 1000;

/** Forgets ids of tokens and assertions that have expired anyway. */
@Injectable()
export class Sweeper implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly revoked: RevokedTokenRepository,
    private readonly assertions: AssertionRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'expired ids of OAuth', async () => this.sweep());
  }

  private async sweep(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - MARGIN_MS);
    await this.revoked.forgetExpired(before);
    await this.assertions.forgetExpired(before);
  }
}

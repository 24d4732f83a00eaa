import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '#config';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { AlertActionRepository } from './storage/alert-action.repository.js';
import { FailedLoginRepository } from './storage/failed-login.repository.js';
import { RefusalRepository } from './storage/refusal.repository.js';

const PAUSE_SECONDS = 600;
const MINUTE_MS = 60_000;
/** The feed may be behind, after an outage. */
const SLACKNESS_MS = 24 * 60 * MINUTE_MS;

/** Forgets what no rule looks back to any more. */
@Injectable()
export class AlertSweeper implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
    private readonly failed: FailedLoginRepository,
    private readonly refusals: RefusalRepository,
    private readonly actions: AlertActionRepository,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'what no alert needs', async () => this.sweep());
  }

  private async sweep(): Promise<void> {
    const now = (await this.database.time()).getTime();
    const { failedLoginsMinutes, refusalsMinutes } = this.config.alerts;
    await this.failed.forget(new Date(now - SLACKNESS_MS - failedLoginsMinutes * MINUTE_MS));
    await this.refusals.forget(new Date(now - SLACKNESS_MS - refusalsMinutes * MINUTE_MS));
    await this.actions.forgetExpired(new Date(now - SLACKNESS_MS));
  }
}

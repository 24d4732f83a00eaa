import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Traffic } from '#access';
import { Rounds } from '#jobs';
import { ClientSecretRepository } from '../storage/client-secret.repository.js';

/** Soon enough that whoever is to be warned hears of it within ten seconds. */
const PAUSE_SECONDS = 2;
/** Far more than the limit on guessing lets through. */
const MOST_REMEMBERED = 10_000;

/** Finds out, after the answer, which of the secrets that proved nothing were once an application's: the answer's time does not tell. */
@Injectable()
export class EndedSecrets implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(EndedSecrets.name);
  private seen = new Map<string, { digest: Buffer; ip: string }>();

  constructor(
    private readonly rounds: Rounds,
    private readonly secrets: ClientSecretRepository,
    private readonly traffic: Traffic,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'use of ended client secrets', async () => this.recognize());
  }

  saw(digest: Buffer, ip: string): void {
    if (this.seen.size < MOST_REMEMBERED) this.seen.set(digest.toString('hex'), { digest, ip });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.recognize().catch((error: unknown) => this.logger.warn({ msg: 'use of ended client secrets is not told', reason: String(error) }));
  }

  private async recognize(): Promise<void> {
    if (this.seen.size === 0) return;
    const taken = this.seen;
    this.seen = new Map();
    try {
      for (const { digest, application_id, organization_id, prefix } of await this.secrets.endedAmong([...taken.values()].map((one) => one.digest))) {
        const ended = { kind: 'oauth_application', credentialId: application_id, tokenPrefix: prefix, organizationId: organization_id } as const;
        this.traffic.turnedAway(ended, taken.get(digest.toString('hex'))?.ip ?? 'unknown');
      }
    } catch (error) {
      this.seen = new Map([...taken, ...this.seen]);
      throw error;
    }
  }
}

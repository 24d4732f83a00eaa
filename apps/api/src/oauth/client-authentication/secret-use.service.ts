import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { Rounds } from '#jobs';
import { ClientSecretRepository } from '../storage/client-secret.repository.js';

const PAUSE_SECONDS = 5;

/** Keeps when each secret was used last, a few seconds late and without a write per token. */
@Injectable()
export class SecretUse implements OnModuleInit, BeforeApplicationShutdown {
  private seen = new Map<number, Date>();

  constructor(
    private readonly rounds: Rounds,
    private readonly secrets: ClientSecretRepository,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'use of client secrets', async () => this.flush());
  }

  /** A key that signed is no secret of ours. */
  saw(credential: string, now: Date): void {
    const [sort, id] = credential.split(':');
    if (sort === 'secret') this.seen.set(Number(id), now);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  /** What could not be written is written the next time. */
  private async flush(): Promise<void> {
    if (this.seen.size === 0) return;
    const taken = this.seen;
    this.seen = new Map();
    try {
      await this.secrets.markUsed(taken);
    } catch (error) {
      this.seen = new Map([...taken, ...this.seen]);
      throw error;
    }
  }
}

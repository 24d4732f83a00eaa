import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Rounds } from '#jobs';
import { Secrets } from '#secrets';
import { ResumptionRepository } from '../storage/resumption.repository.js';
import type { Connection } from './connection.js';

const SCHEME = 'cable_';
/** A connection lives no longer than its token, and its history is kept for a day. */
const KEPT_MS = 26 * 60 * 60 * 1000;
const PAUSE_SECONDS = 600;

/** By what an extended client finds its subscriptions again: an id that nobody can guess, and that works for its own member alone. */
@Injectable()
export class Resumptions implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly stored: ResumptionRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'resumptions of sockets', async () => this.stored.forgetBefore(new Date(this.clock.now().getTime() - KEPT_MS)));
  }

  newSid(): string {
    return this.secrets.generate(SCHEME).plaintext;
  }

  /** What it was subscribed to; null for an id that is none, or another member's. */
  async find(sid: string | null, membershipId: number): Promise<string[] | null> {
    if (sid === null || !this.secrets.isWellFormed(SCHEME, sid)) return null;
    return this.stored.find(this.secrets.digest(sid), membershipId);
  }

  /** Only an extended client can ask for it. */
  async remember({ sid, holder, subscriptions }: Connection): Promise<void> {
    if (sid === '' || holder === null) return;
    await this.stored.save(this.secrets.digest(sid), holder.membershipId, subscriptions.map(({ identifier }) => identifier), this.clock.now());
  }
}

import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import type { CredentialKind, Principal } from '#domain';
import { Rounds } from '#jobs';

/** Half of what readers promise to be late by. */
const PAUSE_SECONDS = 5;
/** Credentials that are remembered while nobody takes them, as in an outage of the database. */
const MOST_REMEMBERED = 100_000;

/** What one credential did since the last flush. */
export interface Use {
  readonly kind: CredentialKind;
  readonly credentialId: number;
  /** Tells the secrets of one credential apart, where it has several at a time. */
  readonly tokenPrefix: string | null;
  readonly organizationId: number;
  readonly requests: number;
  readonly lastAt: Date;
  readonly lastIp: string;
}

/** Takes what was collected; where it fails, it is offered the same again, and more. */
export interface TrafficReader {
  readonly name: string;
  take(uses: readonly Use[]): Promise<void>;
}

/** Counts requests by credential in memory and hands them on every few seconds: no request waits for a write. */
@Injectable()
export class Traffic implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Traffic.name);
  private readonly waiting = new Map<TrafficReader, Map<string, Use>>();
  private flushed: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly rounds: Rounds,
    private readonly clock: Clock,
  ) {}

  register(reader: TrafficReader): void {
    this.waiting.set(reader, new Map());
  }

  /** A request that a known credential made, whatever came of it. */
  saw({ kind, credentialId, tokenPrefix, organization }: Principal, ip: string): void {
    const use = { kind, credentialId, tokenPrefix, organizationId: organization.id, requests: 1, lastAt: this.clock.now(), lastIp: ip };
    for (const uses of this.waiting.values()) remember(uses, use);
  }

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'traffic', async () => this.flush());
  }

  /** Nothing that was seen is lost by a stop. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  /** Hands on all that was seen by now, also what a flush under way has taken and not yet written. */
  async flush(): Promise<void> {
    this.flushed = this.flushed.then(async () => Promise.all([...this.waiting].map(async ([reader, uses]) => this.handOver(reader, uses))));
    await this.flushed;
  }

  private async handOver(reader: TrafficReader, uses: Map<string, Use>): Promise<void> {
    if (uses.size === 0) return;
    const taken = [...uses.values()];
    uses.clear();
    try {
      await reader.take(taken);
    } catch (error) {
      this.logger.warn({ msg: 'what was seen of the traffic waits', reader: reader.name, reason: String(error) });
      for (const use of taken) remember(uses, use);
    }
  }
}

function remember(uses: Map<string, Use>, use: Use): void {
  const key = `${use.kind}:${use.credentialId}:${use.tokenPrefix}`;
  const known = uses.get(key);
  if (known === undefined && uses.size >= MOST_REMEMBERED) return;
  uses.set(key, known === undefined ? use : merged(known, use));
}

function merged(one: Use, other: Use): Use {
  const later = one.lastAt > other.lastAt ? one : other;
  return { ...later, requests: one.requests + other.requests };
}

import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import type { CredentialKind, EndedCredential, Principal } from '#domain';
import { Rounds } from '#jobs';
import { Collected, type Reader } from './collected.js';
import { homeNetwork } from './network.js';

/** Half of what readers promise to be late by. */
const PAUSE_SECONDS = 5;

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

/** Who is handed what each credential did. */
export type TrafficReader = Reader<Use>;

/** What came of requests: let in, refused for want of scope or role, or turned away because the credential has ended. */
type Outcome = 'admitted' | 'refused' | 'ended';

/** What one credential did from one network since the last flush, and what came of it. */
export interface Sighting extends Use {
  readonly outcome: Outcome;
  /** Whose name it acts in: the user of a session, else the credential itself. */
  readonly actorId: number;
  /** By what its networks are remembered: a person's membership, since sessions come and go, else the credential itself. */
  readonly homeId: number;
  /** A /24 or a /48. */
  readonly network: string;
}

/** Who is handed what came of requests, network by network. */
export type SightingReader = Reader<Sighting>;

/** Counts requests by credential in memory and hands them on every few seconds: no request waits for a write. */
@Injectable()
export class Traffic implements OnModuleInit, BeforeApplicationShutdown {
  private readonly uses = new Collected<Use>(({ kind, credentialId, tokenPrefix }) => `${kind}:${credentialId}:${tokenPrefix}`);
  private readonly sightings = new Collected<Sighting>(({ kind, credentialId, outcome, network }) => `${kind}:${credentialId}:${outcome}:${network}`);
  private flushed: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly rounds: Rounds,
    private readonly clock: Clock,
  ) {}

  register(reader: TrafficReader): void {
    this.uses.register(reader);
  }

  watch(reader: SightingReader): void {
    this.sightings.register(reader);
  }

  /** A request that a known credential made, whatever came of it. */
  saw({ kind, credentialId, tokenPrefix, organization }: Principal, ip: string): void {
    this.uses.add({ kind, credentialId, tokenPrefix, organizationId: organization.id, requests: 1, lastAt: this.clock.now(), lastIp: ip });
  }

  /** What came of it. */
  judged(principal: Principal, ip: string, outcome: 'admitted' | 'refused'): void {
    const { kind, credentialId, tokenPrefix, organization, actor, membershipId } = principal;
    const homeId = kind === 'user' && membershipId !== null ? membershipId : credentialId;
    this.sight({ outcome, kind, credentialId, tokenPrefix, organizationId: organization.id, actorId: actor.id, homeId }, ip);
  }

  /** A request with a credential that was revoked or replaced. */
  turnedAway(ended: EndedCredential, ip: string): void {
    this.sight({ ...ended, outcome: 'ended', actorId: ended.credentialId, homeId: ended.credentialId }, ip);
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
    this.flushed = this.flushed.then(async () => Promise.all([this.uses.flush(), this.sightings.flush()]));
    await this.flushed;
  }

  private sight(who: Omit<Sighting, 'requests' | 'lastAt' | 'lastIp' | 'network'>, ip: string): void {
    this.sightings.add({ ...who, requests: 1, lastAt: this.clock.now(), lastIp: ip, network: homeNetwork(ip) });
  }
}

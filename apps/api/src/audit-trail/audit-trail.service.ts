import { Injectable } from '@nestjs/common';
import { type Checkpoint, Checkpoints, ChainVerifier, Sealer, type Verdict } from '#audit';
import { DomainError, type Principal } from '#domain';
import type { PageOf, PageRequest } from '#request';
import type { NamedEvent, TrailEvent } from './domain/trail-event.js';
import type { TrailFilters } from './domain/trail-filters.js';
import { EventRepository, type TrailOf } from './storage/event.repository.js';
import { NameRepository } from './storage/name.repository.js';

const BATCH = 500;

/** The audit trail as an organization's admins read it. Whatever has committed by now is sealed first, and so is there. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly events: EventRepository,
    private readonly names: NameRepository,
    private readonly sealer: Sealer,
    private readonly verifier: ChainVerifier,
    private readonly checkpoints: Checkpoints,
  ) {}

  async list(admin: Principal, filters: TrailFilters, page: PageRequest): Promise<PageOf<NamedEvent>> {
    await this.sealer.seal();
    const { rows, total } = await this.events.list(trailOf(admin), filters, page);
    return { rows: await this.withNames(admin, rows), total };
  }

  /** All that fit by now, oldest first, a batch at a time: the next is asked for when the one before has been taken. */
  async *inBatches(admin: Principal, filters: TrailFilters): AsyncGenerator<readonly NamedEvent[]> {
    await this.sealer.seal();
    const upTo = await this.events.lastPosition();
    let position: number | undefined = 0;
    while (position !== undefined) {
      const batch: TrailEvent[] = await this.events.after(trailOf(admin), filters, position, upTo, BATCH);
      yield await this.withNames(admin, batch);
      position = batch.length < BATCH ? undefined : batch.at(-1)?.position;
    }
  }

  async verify({ organization }: Principal): Promise<Verdict> {
    return this.verifier.verify({ organizationId: organization.id });
  }

  async listCheckpoints({ organization }: Principal, page: PageRequest): Promise<PageOf<Checkpoint>> {
    return this.checkpoints.list({ organizationId: organization.id }, page);
  }

  /** How the trail stands now, signed. @throws conflict where nothing happened yet */
  async signCheckpoint({ organization }: Principal): Promise<Checkpoint> {
    const checkpoint = await this.checkpoints.sign({ organizationId: organization.id });
    if (checkpoint === null) throw new DomainError('conflict');
    return checkpoint;
  }

  private async withNames({ organization }: Principal, events: readonly TrailEvent[]): Promise<NamedEvent[]> {
    const references = events.flatMap((event) => [{ type: event.actor_type, id: event.actor_id }, { type: event.target_type, id: event.target_id }]);
    const names = await this.names.of(organization.id, references);
    return events.map((event) => ({
      ...event,
      actor_name: names.get(`${event.actor_type}:${event.actor_id}`) ?? null,
      target_name: names.get(`${event.target_type}:${event.target_id}`) ?? null,
    }));
  }
}

function trailOf({ organization, product }: Principal): TrailOf {
  return { organizationId: organization.id, productId: product.id };
}

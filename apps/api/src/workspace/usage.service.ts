import { Injectable } from '@nestjs/common';
import { Traffic, type TrafficReader, type Use } from '#access';
import { Clock } from '#clock';
import { DomainError, type Realm } from '#domain';
import { dayOf, Period, requestMetric, type Usage } from './domain/usage.js';
import { type Increment, UsageRepository } from './storage/usage.repository.js';

/** How much an organization uses the API: counted as it happens, told by day. */
@Injectable()
export class UsageCounts implements TrafficReader {
  readonly name = 'usage by day';

  constructor(
    traffic: Traffic,
    private readonly usage: UsageRepository,
    private readonly clock: Clock,
  ) {
    traffic.register(this);
  }

  async take(uses: readonly Use[]): Promise<void> {
    const increments = new Map<string, Increment>();
    for (const { organizationId, kind, lastAt, requests } of uses) {
      const day = dayOf(lastAt);
      const metric = requestMetric(kind);
      const key = `${organizationId} ${day} ${metric}`;
      const quantity = (increments.get(key)?.quantity ?? 0) + requests;
      increments.set(key, { organizationId, day, metric, quantity });
    }
    await this.usage.add([...increments.values()]);
  }

  /** @throws validation_error, forbidden for who sees one project alone: these are the organization's figures */
  async of({ organizationId, projectId }: Realm, between: { startAt?: Date | undefined; endAt?: Date | undefined }): Promise<Usage> {
    if (projectId !== null) throw new DomainError('forbidden');
    const period = Period.of(between, this.clock.now());
    return { period, counts: await this.usage.counts(organizationId, period) };
  }
}

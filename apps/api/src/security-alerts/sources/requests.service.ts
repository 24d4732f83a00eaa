import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { byDatabaseTime, Revocables, type Sighting, type SightingReader, Traffic } from '#access';
import { Clock } from '#clock';
import { Database } from '#database';
import { Alarms } from '../alarms.service.js';
import type { Suspicion } from '../domain/security-alert.js';
import { CredentialNetworkRepository } from '../storage/credential-network.repository.js';
import { RefusalRepository } from '../storage/refusal.repository.js';

/** What is worth an alert among what credentials were used for, and from where. */
@Injectable()
export class SuspiciousRequests implements SightingReader {
  readonly name = 'security alerts';

  constructor(
    traffic: Traffic,
    private readonly database: Database,
    private readonly alarms: Alarms,
    private readonly networks: CredentialNetworkRepository,
    private readonly refusals: RefusalRepository,
    private readonly revocables: Revocables,
    private readonly clock: Clock,
  ) {
    traffic.watch(this);
  }

  async take(sightings: readonly Sighting[]): Promise<void> {
    const placed = sightings.filter(({ lastIp }) => isIP(lastIp) !== 0);
    const strange = await this.fromElsewhere(placed.filter(({ outcome }) => outcome !== 'ended'));
    const suspicious = placed.filter(({ outcome }) => outcome !== 'admitted');
    if (strange.length === 0 && suspicious.length === 0) return;
    await this.database.transaction(async () => {
      const suspicions: Suspicion[] = [];
      for (const sighting of inOrder(await byDatabaseTime(strange, this.database, this.clock))) {
        if ((await this.networks.learn(sighting)) === 'new') suspicions.push(...(await this.suspicion('new_network', sighting, sighting.requests)));
      }
      for (const sighting of inOrder(await byDatabaseTime(suspicious, this.database, this.clock))) {
        if (sighting.outcome === 'ended') suspicions.push(...(await this.suspicion('revoked_credential_used', sighting, sighting.requests)));
        else suspicions.push(...(await this.refused(sighting)));
      }
      await this.alarms.judge(suspicions);
    });
  }

  /** Those from networks that are not remembered: nearly always none, and then nothing is written. */
  private async fromElsewhere(sightings: readonly Sighting[]): Promise<Sighting[]> {
    if (sightings.length === 0) return [];
    const known = await this.networks.known(sightings);
    return sightings.filter((_, index) => known[index] === false);
  }

  private async refused(sighting: Sighting): Promise<Suspicion[]> {
    const { windowSeconds } = this.alarms.rules.refused_scopes;
    const { kind, credentialId, requests, lastAt } = sighting;
    const total = await this.refusals.add(kind, credentialId, requests, lastAt, new Date(lastAt.getTime() - windowSeconds * 1000));
    return this.suspicion('refused_scopes', sighting, total);
  }

  private async suspicion(type: Suspicion['type'], sighting: Sighting, total: number): Promise<Suspicion[]> {
    const { organizationId, kind, credentialId, actorId, requests, lastAt, lastIp, tokenPrefix } = sighting;
    const described = await this.revocables.of(kind).describe(organizationId, credentialId);
    const subject = { type: kind, id: actorId, name: described?.name ?? tokenPrefix ?? '–' };
    const reducible = described?.isAlive === true ? { kind, credentialId } : null;
    return [{ organizationId, type, subject, occurrences: requests, total, at: lastAt, ip: lastIp, tokenPrefix, reducible }];
  }
}

/** The order in which all instances lock rows; of one credential, by time. */
function inOrder(sightings: readonly Sighting[]): Sighting[] {
  return [...sightings].sort((one, other) => one.kind.localeCompare(other.kind) || one.homeId - other.homeId || one.lastAt.getTime() - other.lastAt.getTime());
}

import { Injectable } from '@nestjs/common';
import { countedNetwork } from '#access';
import { Users, Members } from '../../workspace/index.js';
import { Alarms } from '../alarms.service.js';
import type { Suspicion } from '../domain/security-alert.js';
import { type FailedLogin, FailedLoginRepository } from '../storage/failed-login.repository.js';

/** A sign-in that failed, and from which address. */
export interface Failure extends Omit<FailedLogin, 'network'> {
  readonly ip: string | null;
}

/** Failures that belong together, the latest last. */
interface Group {
  readonly failures: readonly Failure[];
  readonly latest: Failure;
}

/** Counts sign-ins that failed, on an account and from an address; told to the organizations whose members are meant. */
@Injectable()
export class FailedLogins {
  constructor(
    private readonly failed: FailedLoginRepository,
    private readonly alarms: Alarms,
    private readonly members: Members,
    private readonly users: Users,
  ) {}

  /** In the transaction under way. */
  async heard(failures: readonly Failure[]): Promise<Suspicion[]> {
    if (failures.length === 0) return [];
    await this.failed.add(failures.map(({ ip, ...failure }) => ({ ...failure, network: networkOf(ip) })));
    const suspicions: Suspicion[] = [];
    for (const group of grouped(failures, ({ productId, userId }) => (userId === null ? null : `${productId} ${userId}`))) suspicions.push(...(await this.onAccount(group)));
    for (const group of grouped(failures, ({ productId, ip }) => (ip === null ? null : `${productId} ${networkOf(ip)}`))) suspicions.push(...(await this.fromAddress(group)));
    return suspicions;
  }

  private async onAccount({ failures, latest }: Group): Promise<Suspicion[]> {
    const { productId, userId, at, ip } = latest;
    const user = userId === null ? null : await this.users.byId(userId);
    if (user === null) return [];
    const total = await this.failed.countOf(productId, user.id, this.begin(at), at);
    const subject = { type: 'user', id: user.id, name: user.name } as const;
    const places = await this.members.affiliations(user.id, productId);
    return places.map(({ organizationId }) => ({ organizationId, type: 'failed_logins', subject, occurrences: failures.length, total, at, ip }));
  }

  /** One account alone is told of as an account: an address is worth a word of its own where it tries several. */
  private async fromAddress({ failures, latest }: Group): Promise<Suspicion[]> {
    const { productId, at, ip } = latest;
    const network = networkOf(ip);
    if (network === null) return [];
    const { total, userIds } = await this.failed.from(productId, network, this.begin(at), at);
    if (userIds.length < 2) return [];
    const organizationIds = new Set<number>();
    for (const userId of userIds) {
      for (const { organizationId } of userId === null ? [] : await this.members.affiliations(userId, productId)) organizationIds.add(organizationId);
    }
    const subject = { type: 'address', id: null, name: network } as const;
    return [...organizationIds].map((organizationId) => ({ organizationId, type: 'failed_logins', subject, occurrences: failures.length, total, at, ip }));
  }

  private begin(at: Date): Date {
    return new Date(at.getTime() - this.alarms.rules.failed_logins.windowSeconds * 1000);
  }
}

function networkOf(ip: string | null): string | null {
  return ip === null ? null : countedNetwork(ip);
}

function grouped(failures: readonly Failure[], keyOf: (failure: Failure) => string | null): Group[] {
  const groups = new Map<string, Failure[]>();
  for (const failure of failures) {
    const key = keyOf(failure);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), failure]);
  }
  return [...groups.values()].flatMap((group) => {
    const latest = group.reduce((one, other) => (other.at >= one.at ? other : one));
    return [{ failures: group, latest }];
  });
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { DomainError, type Principal } from '#domain';
import { OWN_TYPES } from './domain/notification.js';
import { type Preference, PreferenceRepository } from './storage/preference.repository.js';

export type { Preference };

const MOST_TYPES = 100;

/** What is to change about one type; what is left out stays. */
export type PreferenceChange = Pick<Preference, 'type'> & Partial<Preference>;

/** By which ways somebody wants to be told. */
export type Ways = Omit<Preference, 'type'>;

const DEFAULT: Ways = { inApp: true, email: false };

/** By which ways each member wants to be told of what: in the inbox unless they say otherwise, by mail only if they ask for it. */
@Injectable()
export class Preferences {
  constructor(
    private readonly database: Database,
    private readonly stored: PreferenceRepository,
  ) {}

  /** The workspace's own types, then whatever else was said something of. */
  async list(reader: Principal): Promise<Preference[]> {
    return this.known(memberOf(reader));
  }

  /** Changes those that are given and leaves the rest. @throws limit_reached */
  async change(reader: Principal, changes: readonly PreferenceChange[]): Promise<Preference[]> {
    const membershipId = memberOf(reader);
    return this.database.transaction(async () => {
      await this.stored.lock(membershipId);
      const known = new Map((await this.known(membershipId)).map((preference) => [preference.type, preference]));
      for (const { type, ...change } of changes) known.set(type, { ...DEFAULT, ...known.get(type), ...change, type });
      if (known.size > MOST_TYPES) throw new DomainError('limit_reached');
      const types = new Set(changes.map(({ type }) => type));
      await this.stored.save(membershipId, [...known.values()].filter(({ type }) => types.has(type)));
      return this.known(membershipId);
    });
  }

  /** What holds for each of these members about one type. */
  async about(type: string, membershipIds: readonly number[]): Promise<Map<number, Ways>> {
    const said = (await this.stored.of(membershipIds)).filter((preference) => preference.type === type);
    const byMember = new Map(said.map((preference) => [preference.membershipId, preference]));
    return new Map(membershipIds.map((id) => [id, byMember.get(id) ?? DEFAULT]));
  }

  private async known(membershipId: number): Promise<Preference[]> {
    const said = await this.stored.of([membershipId]);
    const others = said.filter(({ type }) => !OWN_TYPES.some((own) => own === type));
    const own = OWN_TYPES.map((type) => said.find((preference) => preference.type === type) ?? { type, ...DEFAULT });
    return [...own, ...others].map(({ type, inApp, email }) => ({ type, inApp, email }));
  }
}

/** @throws forbidden for machines */
function memberOf({ membershipId }: Principal): number {
  if (membershipId === null) throw new DomainError('forbidden');
  return membershipId;
}

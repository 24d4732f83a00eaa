import { Scopes } from '#domain';
import type { ClientKey } from './client-keys.js';

export const SHORTEST_TTL = 60;
export const LONGEST_TTL = 3_600;

export interface ApplicationFacts {
  readonly name: string;
  readonly scopes: Scopes;
  /** In seconds, 60 to 3,600. */
  readonly accessTokenTtl: number;
  /** Public keys by which the application may prove itself (RFC 7523); null: by its secrets alone. */
  readonly jwks: readonly ClientKey[] | null;
}

/** Somebody's server, registered to call the API by itself (RFC 6749 §2). Its secrets stand elsewhere, as digests. */
export class Application implements ApplicationFacts {
  readonly id!: number;
  readonly organizationId!: number;
  /** Under whose name it writes. */
  readonly serviceUserId!: number;
  name!: string;
  readonly clientId!: string;
  scopes!: Scopes;
  accessTokenTtl!: number;
  jwks!: readonly ClientKey[] | null;
  readonly createdAt!: Date;
  updatedAt!: Date;
  deletedAt!: Date | null;

  static register(place: { organizationId: number; serviceUserId: number; clientId: string }, facts: ApplicationFacts, now: Date): Application {
    return Object.assign(new Application(), { ...place, ...facts, createdAt: now, updatedAt: now, deletedAt: null });
  }

  /** Changes what is given and leaves the rest; what its tokens hold beyond the new scopes is gone from them too. */
  update(changes: Partial<ApplicationFacts>, now: Date): void {
    Object.assign(this, changes, { updatedAt: now });
  }

  /** Nothing of it revives. */
  delete(now: Date): void {
    this.deletedAt ??= now;
    this.updatedAt = now;
  }
}

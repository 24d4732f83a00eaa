const DAY_MS = 24 * 60 * 60 * 1000;
/** However often it is refreshed, a session ends after this. */
const SESSION_LIFETIME_MS = 90 * DAY_MS;
/** A lost answer or a second tab repeats a refresh within this; later it is theft (RFC 9700 §4.14.2). */
const GRACE_MS = 10_000;

interface Start {
  readonly userId: number;
  readonly membershipId: number;
  readonly organizationId: number;
  readonly productId: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly refreshJti: string;
}

/** What a presented refresh token is to its session. */
export type RefreshVerdict = 'current' | 'repeated' | 'stolen';

/** One sign-in of a person to an organization on a product, and the family of its refresh tokens. */
export class Session {
  readonly id!: number;
  readonly userId!: number;
  readonly membershipId!: number;
  readonly organizationId!: number;
  readonly productId!: number;
  readonly ip!: string | null;
  readonly userAgent!: string | null;
  readonly createdAt!: Date;
  readonly lastUsedAt!: Date;
  readonly expiresAt!: Date;
  readonly refreshJti!: string;
  readonly previousRefreshJti!: string | null;
  readonly rotatedAt!: Date | null;
  /** The answer of the last rotation, sealed, for whoever repeats the request that caused it. */
  readonly sealedSuccessor!: Buffer | null;
  readonly revokedAt!: Date | null;

  static start(facts: Start, now: Date): Session {
    return Object.assign(new Session(), {
      ...facts,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + SESSION_LIFETIME_MS),
      previousRefreshJti: null,
      rotatedAt: null,
      sealedSuccessor: null,
      revokedAt: null,
    });
  }
}

/** The parent may come again for a moment; whoever brings anything older holds a copy. */
export function judgeRefresh(session: Pick<Session, 'refreshJti' | 'previousRefreshJti' | 'rotatedAt'>, jti: string, now: Date): RefreshVerdict {
  if (jti === session.refreshJti) return 'current';
  const inGrace = session.rotatedAt !== null && now.getTime() - session.rotatedAt.getTime() <= GRACE_MS;
  return jti === session.previousRefreshJti && inGrace ? 'repeated' : 'stolen';
}

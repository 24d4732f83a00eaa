import { DomainError, Grant, invalid, Scopes } from '#domain';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How many days before its end a token is warned of, the latest last. */
const WARNINGS = [7, 1] as const;
const LONGEST_GRACE_SECONDS = 86_400;

export interface NewToken {
  readonly name: string;
  readonly grant: Grant;
  readonly expiresAt: Date | null;
}

/** A workspace's API token, owned by a member. Of its secrets only digests are kept, elsewhere: a lost one is rotated, never shown again. */
export class WorkspaceToken {
  readonly id!: number;
  readonly organizationId!: number;
  /** Its owner, as long as they are a member: who returns later has another membership, and finds it dead. */
  readonly membershipId!: number;
  name!: string;
  /** A fact of its own, so that no emptied list of scopes is ever read as everything. */
  readonly fullAccess!: boolean;
  readonly scopes!: Scopes;
  tokenPrefix!: string;
  readonly expiresAt!: Date | null;
  /** The last warning that was sent, or is not worth sending any more: days before the end. */
  expiryWarnedDays!: number | null;
  readonly createdAt!: Date;
  revokedAt!: Date | null;

  /** @throws validation_error where it would have expired already */
  static issue(owner: { organizationId: number; membershipId: number }, { name, grant, expiresAt }: NewToken, tokenPrefix: string, now: Date): WorkspaceToken {
    if (expiresAt !== null && expiresAt <= now) throw invalid({ field: 'expires_at', code: 'not_in_future' });
    return Object.assign(new WorkspaceToken(), {
      ...owner,
      name,
      fullAccess: grant.isFull,
      scopes: grant.isFull ? Scopes.none : grant.scopes,
      tokenPrefix,
      expiresAt,
      // Whoever gives a token three days need not be told at once that a week is short.
      expiryWarnedDays: reachedWarning(expiresAt, now),
      createdAt: now,
      revokedAt: null,
    });
  }

  get grant(): Grant {
    return this.fullAccess ? Grant.full : Grant.of(this.scopes);
  }

  isActive(now: Date): boolean {
    return this.revokedAt === null && (this.expiresAt === null || now < this.expiresAt);
  }

  rename(name: string): void {
    this.name = name;
  }

  /** A new secret has a new beginning. @throws conflict for a token that is dead: a new secret must not revive it */
  rotate(tokenPrefix: string, now: Date): void {
    if (!this.isActive(now)) throw new DomainError('conflict');
    this.tokenPrefix = tokenPrefix;
  }

  /** Revoking twice keeps the first date: the audit trail must not move. */
  revoke(now: Date): void {
    this.revokedAt ??= now;
  }

  /** The warning that is due now, in days that are left, a begun one counted; it is due once. */
  takeWarning(now: Date): number | null {
    if (this.expiresAt === null || !this.isActive(now)) return null;
    const reached = reachedWarning(this.expiresAt, now);
    if (reached === null || (this.expiryWarnedDays !== null && this.expiryWarnedDays <= reached)) return null;
    this.expiryWarnedDays = reached;
    return Math.ceil((this.expiresAt.getTime() - now.getTime()) / DAY_MS);
  }
}

/** From when on some token may be due a warning. */
export function warningHorizon(now: Date): Date {
  return new Date(now.getTime() + WARNINGS[0] * DAY_MS);
}

/** When the secret before this one stops to work. @throws validation_error beyond a day */
export function graceEnd(seconds: number, now: Date): Date {
  if (seconds > LONGEST_GRACE_SECONDS) throw invalid({ field: 'grace_period_seconds', code: 'too_large', params: { most: LONGEST_GRACE_SECONDS } });
  return new Date(now.getTime() + seconds * 1000);
}

function reachedWarning(expiresAt: Date | null, now: Date): number | null {
  if (expiresAt === null) return null;
  const left = expiresAt.getTime() - now.getTime();
  return WARNINGS.findLast((days) => left <= days * DAY_MS) ?? null;
}

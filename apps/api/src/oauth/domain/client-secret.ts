import { DomainError, invalid } from '#domain';

/** One in use, and one that takes over. */
const MOST_AT_ONCE = 2;

/** A secret of an application; of the secret itself only the digest is kept. */
export class ClientSecret {
  readonly id!: number;
  readonly applicationId!: number;
  readonly digest!: Buffer;
  readonly prefix!: string;
  readonly createdAt!: Date;
  readonly lastUsedAt!: Date | null;
  readonly expiresAt!: Date | null;
  revokedAt!: Date | null;

  /** @throws limit_reached beside two that work, validation_error where it would have expired already */
  static add(others: readonly ClientSecret[], facts: { applicationId: number; digest: Buffer; prefix: string; expiresAt: Date | null }, now: Date): ClientSecret {
    if (facts.expiresAt !== null && facts.expiresAt <= now) throw invalid({ field: 'expires_at', code: 'not_in_future' });
    if (others.filter((other) => other.works(now)).length >= MOST_AT_ONCE) throw new DomainError('limit_reached');
    return Object.assign(new ClientSecret(), { ...facts, createdAt: now, lastUsedAt: null, revokedAt: null });
  }

  works(now: Date): boolean {
    return this.revokedAt === null && (this.expiresAt === null || now < this.expiresAt);
  }

  /** The first date stays. */
  revoke(now: Date): void {
    this.revokedAt ??= now;
  }
}

import type { Locale } from '#domain';

interface NewUser {
  readonly email: string;
  readonly canonicalEmail: string;
  readonly name: string;
  readonly locale: Locale;
  /** Whether whoever asks has shown that the mailbox is theirs. */
  readonly emailProven: boolean;
}

/**
 * A person, once for all products: the same identity, with separate data in each organization. Or a machine's stand-in, so
 * that what it writes has an author: it is no member, is never listed or counted, and nobody signs in as it.
 */
export class User {
  readonly id!: number;
  /** As it was written first: mail goes here and nowhere else. */
  readonly email!: string;
  /** By which an account is found; null for a machine, which cannot be found so. */
  readonly canonicalEmail!: string | null;
  readonly isService!: boolean;
  name!: string;
  locale!: Locale;
  emailProvenAt!: Date | null;
  disabledAt!: Date | null;
  readonly createdAt!: Date;
  updatedAt!: Date;

  static register({ emailProven, ...facts }: NewUser, now: Date): User {
    return Object.assign(new User(), {
      ...facts,
      isService: false,
      emailProvenAt: emailProven ? now : null,
      disabledAt: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  static service(facts: { email: string; name: string; locale: Locale }, now: Date): User {
    return Object.assign(new User(), {
      ...facts,
      canonicalEmail: null,
      isService: true,
      emailProvenAt: null,
      disabledAt: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  get isEnabled(): boolean {
    return this.disabledAt === null;
  }

  update(changes: { name?: string; locale?: Locale }, now: Date): void {
    this.name = changes.name ?? this.name;
    this.locale = changes.locale ?? this.locale;
    this.updatedAt = now;
  }

  /** The first proof keeps its date. */
  proveEmail(now: Date): void {
    this.emailProvenAt ??= now;
  }

  disable(now: Date): void {
    this.disabledAt ??= now;
    this.updatedAt = now;
  }

  enable(now: Date): void {
    this.disabledAt = null;
    this.updatedAt = now;
  }
}

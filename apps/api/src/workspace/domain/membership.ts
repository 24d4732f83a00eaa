import type { Role } from '#domain';
import type { User } from './user.js';

interface Invitation {
  readonly organizationId: number;
  /** An id from the users' own sequence: what an inviter sees must not tell whether the person is known elsewhere. */
  readonly pendingId: number;
  readonly email: string;
  readonly canonicalEmail: string;
  readonly name: string;
  readonly role: Role;
}

export interface InvitationSecret {
  readonly digest: Buffer;
  readonly expiresAt: Date;
  /** The one mailbox that the link went to: only an account of exactly this address may be joined by it. */
  readonly sentTo: string;
}

/** A person's place in an organization. Until the invitation is accepted it is pending, and shows only what the inviter typed. */
export class Membership {
  readonly id!: number;
  readonly organizationId!: number;
  userId!: number | null;
  readonly pendingId!: number | null;
  role!: Role;
  readonly invitedEmail!: string | null;
  readonly invitedCanonicalEmail!: string | null;
  invitedName!: string | null;
  invitationSentTo!: string | null;
  invitationDigest!: Buffer | null;
  invitationExpiresAt!: Date | null;
  readonly createdAt!: Date;
  updatedAt!: Date;
  joinedAt!: Date | null;
  endedAt!: Date | null;

  static join(organizationId: number, userId: number, role: Role, now: Date): Membership {
    return Object.assign(new Membership(), {
      ...blank(now),
      organizationId,
      userId,
      pendingId: null,
      role,
      invitedEmail: null,
      invitedCanonicalEmail: null,
      invitedName: null,
      joinedAt: now,
    });
  }

  static invite({ organizationId, pendingId, email, canonicalEmail, name, role }: Invitation, now: Date): Membership {
    return Object.assign(new Membership(), {
      ...blank(now),
      organizationId,
      userId: null,
      pendingId,
      role,
      invitedEmail: email,
      invitedCanonicalEmail: canonicalEmail,
      invitedName: name,
      joinedAt: null,
    });
  }

  /** The id by which the organization knows this person. */
  get memberId(): number {
    const id = this.userId ?? this.pendingId;
    if (id === null) throw new Error(`membership ${this.id} belongs to nobody`);
    return id;
  }

  get isPending(): boolean {
    return this.joinedAt === null;
  }

  /** A newer link ends the older one. */
  renewInvitation(secret: InvitationSecret, now: Date): void {
    this.invitationDigest = secret.digest;
    this.invitationExpiresAt = secret.expiresAt;
    this.invitationSentTo = secret.sentTo;
    this.updatedAt = now;
  }

  retype(name: string, role: Role): void {
    this.invitedName = name;
    this.role = role;
  }

  isAcceptable(now: Date): boolean {
    return this.isPending && this.endedAt === null && this.invitationExpiresAt !== null && now < this.invitationExpiresAt;
  }

  accept(user: User, now: Date): void {
    this.userId = user.id;
    this.joinedAt = now;
    this.invitationDigest = null;
    this.updatedAt = now;
  }

  changeRole(role: Role, now: Date): void {
    this.role = role;
    this.updatedAt = now;
  }

  end(now: Date): void {
    this.endedAt ??= now;
    this.invitationDigest = null;
    this.updatedAt = now;
  }
}

function blank(now: Date) {
  return { invitationSentTo: null, invitationDigest: null, invitationExpiresAt: null, createdAt: now, updatedAt: now, endedAt: null };
}

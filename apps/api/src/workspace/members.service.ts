import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { DomainError, type Role, invalid } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { canonicalEmail } from './domain/email.js';
import { type InvitationSecret, Membership } from './domain/membership.js';
import type { User } from './domain/user.js';
import { type Affiliation, type MemberFilter, MembershipRepository, type Reachable } from './storage/membership.repository.js';
import { OrganizationRepository } from './storage/organization.repository.js';
import { UserRepository } from './storage/user.repository.js';

export type { MemberFilter, Reachable };

/** A place in an organization, and who holds it: nobody yet while it is pending. */
export interface Member {
  readonly membership: Membership;
  readonly user: User | null;
}

interface Invitee {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** Who belongs to an organization, and as what. Each act stands in the caller's transaction, under the organization's lock. */
@Injectable()
export class Members {
  constructor(
    private readonly memberships: MembershipRepository,
    private readonly organizations: OrganizationRepository,
    private readonly users: UserRepository,
    private readonly clock: Clock,
  ) {}

  async affiliations(userId: number, productId: number): Promise<Affiliation[]> {
    return this.memberships.affiliations(userId, productId);
  }

  async newestProductId(userId: number): Promise<number | null> {
    return this.memberships.newestProductId(userId);
  }

  /** Whoever belongs to the organization now, pending ones included. */
  async list(organizationId: number, filter: MemberFilter, page: PageRequest): Promise<PageOf<Member>> {
    const { rows, total } = await this.memberships.list(organizationId, filter, page);
    const users = await this.users.byIds(rows.flatMap(({ userId }) => userId ?? []));
    return { rows: rows.map((membership) => ({ membership, user: users.find(({ id }) => id === membership.userId) ?? null })), total };
  }

  /** @throws not_found for a stranger, and for one whose membership has ended */
  async get(organizationId: number, memberId: number): Promise<Member> {
    const membership = await this.memberships.present(organizationId, memberId);
    if (membership === null) throw new DomainError('not_found');
    return { membership, user: membership.userId === null ? null : await this.users.byId(membership.userId) };
  }

  async present(organizationId: number, memberId: number): Promise<Membership | null> {
    return this.memberships.present(organizationId, memberId);
  }

  /** Whether a user is a member now, neither merely invited nor disabled; one who is stays so until the transaction ends. */
  async isActive(organizationId: number, userId: number): Promise<boolean> {
    return this.memberships.holdActive(organizationId, userId);
  }

  /** Who holds this place; null where it has ended, or nobody took it yet. */
  async person(membershipId: number): Promise<User | null> {
    const userId = await this.memberships.holder(membershipId);
    return userId === null ? null : this.users.byId(userId);
  }

  /** Those who administer the organization now, and may be written to. */
  async admins(organizationId: number): Promise<User[]> {
    const admins = await this.users.byIds(await this.memberships.adminIds(organizationId));
    return admins.filter(({ isEnabled }) => isEnabled);
  }

  /** Those of these users who belong to the organization now and can sign in, with their places. */
  async reachable(organizationId: number, userIds: readonly number[]): Promise<Reachable[]> {
    return this.memberships.reachable(organizationId, userIds);
  }

  async join(organizationId: number, userId: number, role: Role): Promise<Membership> {
    const membership = Membership.join(organizationId, userId, role, this.clock.now());
    await this.memberships.add(membership);
    return membership;
  }

  /**
   * Seats a person as pending, or finds the seat that waits already.
   * @throws conflict for an active member, limit_reached where the plan has no seat left
   */
  async seat(organizationId: number, invitee: Invitee, maxUsers: number | null): Promise<{ membership: Membership; account: User | null }> {
    const canonical = canonicalEmail(invitee.email);
    if (canonical === null) throw invalid({ field: 'email', code: 'invalid' });
    await this.organizations.lock(organizationId);
    const account = await this.users.byCanonicalEmail(canonical);
    if (account !== null && (await this.memberships.present(organizationId, account.id)) !== null) throw new DomainError('conflict');
    const waiting = await this.memberships.pendingFor(organizationId, canonical);
    if (waiting !== null) {
      waiting.retype(invitee.name, invitee.role);
      return { membership: waiting, account };
    }
    if (maxUsers !== null && (await this.memberships.countSeats(organizationId)) >= maxUsers) throw new DomainError('limit_reached');
    const pendingId = await this.users.reserveId();
    const membership = Membership.invite({ ...invitee, organizationId, pendingId, canonicalEmail: canonical }, this.clock.now());
    await this.memberships.add(membership);
    return { membership, account };
  }

  async sendInvitation(membership: Membership, secret: InvitationSecret): Promise<void> {
    membership.renewInvitation(secret, this.clock.now());
    await this.memberships.save(membership);
  }

  async byInvitation(digest: Buffer): Promise<Membership | null> {
    return this.memberships.byInvitation(digest);
  }

  /** False where the invitation was used, renewed or withdrawn meanwhile, or the user is a member already. */
  async accept(digest: Buffer, user: User): Promise<Membership | null> {
    const found = await this.memberships.byInvitation(digest);
    if (found === null) return null;
    await this.organizations.lock(found.organizationId);
    const membership = await this.memberships.byInvitation(digest);
    const now = this.clock.now();
    if (membership === null || !membership.isAcceptable(now)) return null;
    if ((await this.memberships.present(membership.organizationId, user.id)) !== null) return null;
    membership.accept(user, now);
    await this.memberships.save(membership);
    return membership;
  }

  /** @throws not_found, last_admin */
  async changeRole(organizationId: number, memberId: number, role: Role): Promise<{ membership: Membership; previous: Role }> {
    const membership = await this.locked(organizationId, memberId);
    const previous = membership.role;
    if (role !== 'admin') await this.keepAnAdmin(membership);
    membership.changeRole(role, this.clock.now());
    await this.memberships.save(membership);
    return { membership, previous };
  }

  /** @throws not_found, last_admin */
  async remove(organizationId: number, memberId: number): Promise<Membership> {
    const membership = await this.locked(organizationId, memberId);
    await this.keepAnAdmin(membership);
    membership.end(this.clock.now());
    await this.memberships.save(membership);
    return membership;
  }

  private async locked(organizationId: number, memberId: number): Promise<Membership> {
    await this.organizations.lock(organizationId);
    const membership = await this.memberships.present(organizationId, memberId);
    if (membership === null) throw new DomainError('not_found');
    return membership;
  }

  /** An organization always has someone who can administer it. */
  private async keepAnAdmin(membership: Membership): Promise<void> {
    const isAdmin = membership.role === 'admin' && !membership.isPending;
    if (isAdmin && (await this.memberships.countAdmins(membership.organizationId)) === 1) throw new DomainError('last_admin');
  }
}

import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { Database, TenantRepository } from '#database';
import type { Locale, Role } from '#domain';
import type { PageOf, PageRequest } from '#request';
import type { Membership } from '../domain/membership.js';
import { User } from '../domain/user.js';
import { MembershipSchema } from './membership.schema.js';

/** One of a user's organizations on a product, as a login offers it. */
export interface Affiliation {
  readonly membershipId: number;
  readonly organizationId: number;
  readonly name: string;
  readonly slug: string;
  readonly role: Role;
}

/** A member who can be told something. */
export interface Reachable {
  readonly membershipId: number;
  readonly userId: number;
  readonly locale: Locale;
}

export interface MemberFilter {
  readonly role?: Role;
}

/** The name is the person's own, and until they have joined the inviter's. */
const SORTED_BY: Readonly<Record<string, string>> = {
  created_at: 'membership.createdAt',
  updated_at: 'membership.updatedAt',
  name: 'coalesce(person.name, membership.invitedName)',
};

@Injectable()
export class MembershipRepository extends TenantRepository<Membership> {
  constructor(database: Database) {
    super(database, MembershipSchema);
  }

  /** Those that have not ended, pending ones included. */
  async list(organizationId: number, filter: MemberFilter, { page, perPage, sort }: PageRequest): Promise<PageOf<Membership>> {
    const direction = sort?.descending === true ? 'DESC' : 'ASC';
    const [rows, total] = await this.rows
      .createQueryBuilder('membership')
      .leftJoin(User, 'person', 'person.id = membership.userId')
      .where({ organizationId, endedAt: IsNull(), ...filter })
      .orderBy(SORTED_BY[sort?.by ?? ''] ?? 'membership.id', direction)
      .addOrderBy('membership.id', direction)
      .offset((page - 1) * perPage)
      .limit(perPage)
      .getManyAndCount();
    return { rows, total };
  }

  /** By the id under which the organization knows the person, pending ones included. */
  async present(organizationId: number, memberId: number): Promise<Membership | null> {
    return this.rows.findOne({
      where: [
        { organizationId, userId: memberId, endedAt: IsNull() },
        { organizationId, pendingId: memberId, joinedAt: IsNull(), endedAt: IsNull() },
      ],
    });
  }

  /** Whether this user is a member whose account is enabled; until the transaction ends nobody removes them. */
  async holdActive(organizationId: number, userId: number): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.organization_id = $1 AND m.user_id = $2 AND m.ended_at IS NULL AND u.disabled_at IS NULL
       FOR SHARE OF m`,
      [organizationId, userId],
    );
    return rows.length === 1;
  }

  async reachable(organizationId: number, userIds: readonly number[]): Promise<Reachable[]> {
    return this.database.query<Reachable & Record<string, unknown>>(
      `SELECT m.id AS "membershipId", u.id AS "userId", u.locale FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.organization_id = $1 AND m.user_id = ANY($2::bigint[]) AND m.ended_at IS NULL AND u.disabled_at IS NULL
       ORDER BY m.id`,
      [organizationId, userIds],
    );
  }

  async pendingFor(organizationId: number, invitedCanonicalEmail: string): Promise<Membership | null> {
    return this.rows.findOneBy({ organizationId, invitedCanonicalEmail, joinedAt: IsNull(), endedAt: IsNull() });
  }

  async byInvitation(invitationDigest: Buffer): Promise<Membership | null> {
    return this.rows.findOneBy({ invitationDigest });
  }

  /** Active and pending ones: both take a seat. */
  async countSeats(organizationId: number): Promise<number> {
    return this.rows.countBy({ organizationId, endedAt: IsNull() });
  }

  async adminIds(organizationId: number): Promise<number[]> {
    const admins = await this.rows.findBy({ organizationId, role: 'admin', joinedAt: Not(IsNull()), endedAt: IsNull() });
    return admins.map(({ memberId }) => memberId);
  }

  /** The user of a membership that has not ended. */
  async holder(id: number): Promise<number | null> {
    const membership = await this.rows.findOneBy({ id, endedAt: IsNull() });
    return membership?.userId ?? null;
  }

  async countAdmins(organizationId: number): Promise<number> {
    return this.rows.countBy({ organizationId, role: 'admin', joinedAt: Not(IsNull()), endedAt: IsNull() });
  }

  async save(membership: Membership): Promise<void> {
    const { id, organizationId, createdAt, pendingId, invitedEmail, invitedCanonicalEmail, ...changes } = membership;
    await this.rows.update({ id, organizationId }, changes);
  }

  /** A user's organizations on one product, oldest first; suspended ones are not offered. */
  async affiliations(userId: number, productId: number): Promise<Affiliation[]> {
    return this.database.query<Affiliation & Record<string, unknown>>(
      `SELECT m.id AS "membershipId", o.id AS "organizationId", o.name, o.slug, m.role
       FROM memberships m JOIN organizations o ON o.id = m.organization_id
       WHERE m.user_id = $1 AND o.product_id = $2 AND m.ended_at IS NULL AND o.suspended_at IS NULL
       ORDER BY o.id`,
      [userId, productId],
    );
  }

  /** The product of the user's newest membership. */
  async newestProductId(userId: number): Promise<number | null> {
    const [row] = await this.database.query<{ product_id: number }>(
      `SELECT o.product_id FROM memberships m JOIN organizations o ON o.id = m.organization_id
       WHERE m.user_id = $1 AND m.ended_at IS NULL ORDER BY m.id DESC LIMIT 1`,
      [userId],
    );
    return row?.product_id ?? null;
  }
}

import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import type { Principal, Role } from '#domain';
import { type Member, Members, Users } from '../../workspace/index.js';
import { SessionRepository } from '../storage/session.repository.js';

/** What an organization's admins decide about its members. */
@Injectable()
export class MemberAdministration {
  constructor(
    private readonly database: Database,
    private readonly members: Members,
    private readonly users: Users,
    private readonly sessions: SessionRepository,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** @throws insufficient_scope, not_found, last_admin */
  async changeRole(admin: Principal, memberId: number, role: Role): Promise<Member> {
    admin.mustCoverRole(role);
    return this.database.transaction(async () => {
      const { membership, previous } = await this.members.changeRole(admin.organization.id, memberId, role);
      if (previous !== role) await this.record('role.changed', admin, memberId, { from: previous, to: role });
      return { membership, user: membership.userId === null ? null : await this.users.byId(membership.userId) };
    });
  }

  /** Ends the membership with all that hangs on it; should the person return, nothing revives. @throws not_found, last_admin */
  async remove(admin: Principal, memberId: number): Promise<void> {
    await this.database.transaction(async () => {
      const membership = await this.members.remove(admin.organization.id, memberId);
      const ended = await this.sessions.revokeOfMembership(membership.id, this.clock.now());
      await this.record('user.removed', admin, memberId, { sessions_ended: ended.length });
    });
  }

  private async record(
    action: 'role.changed' | 'user.removed',
    admin: Principal,
    memberId: number,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.audit.record({
      chain: { organizationId: admin.organization.id },
      actor: admin.actor,
      action,
      target: { type: 'user', id: memberId },
      metadata,
    });
  }
}

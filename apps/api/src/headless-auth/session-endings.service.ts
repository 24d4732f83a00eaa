import { Injectable } from '@nestjs/common';
import { type Description, type Ending, type Revocable, Revocables } from '#access';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Users } from '../workspace/index.js';
import { SessionRepository } from './storage/session.repository.js';

/** Ends a person's session where nobody calls for it: an alert about it was confirmed. */
@Injectable()
export class SessionEndings implements Revocable {
  readonly kind = 'user';

  constructor(
    revocables: Revocables,
    private readonly sessions: SessionRepository,
    private readonly users: Users,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {
    revocables.register(this);
  }

  async describe(organizationId: number, id: number): Promise<Description | null> {
    const session = await this.sessions.find(organizationId, id);
    const user = session === null ? null : await this.users.byId(session.userId);
    return session === null || user === null ? null : { name: user.name, isAlive: session.revokedAt === null && session.expiresAt > this.clock.now() };
  }

  async end(organizationId: number, id: number, { actor, reason }: Ending): Promise<boolean> {
    if ((await this.sessions.find(organizationId, id)) === null || !(await this.sessions.revoke(id, this.clock.now()))) return false;
    await this.audit.record({ chain: { organizationId }, actor, action: 'session.revoked', target: { type: 'session', id }, metadata: { reason } });
    return true;
  }
}

import { Injectable } from '@nestjs/common';
import { type Entitlement, Entitlements } from '#access';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { type OrganizationRef, type ProductRef, type Role, reachOf, Scopes } from '#domain';
import { currentOrigin } from '#request';
import { Secrets } from '#secrets';
import type { Affiliation, User } from '../workspace/index.js';
import { Session } from './domain/session.js';
import { Lockout } from './lockout.service.js';
import { SessionRepository } from './storage/session.repository.js';
import { type TokenPair, TokenPairs } from './token-pair.service.js';

/** A person at work in an organization. */
export interface SignedIn {
  readonly tokens: TokenPair;
  readonly user: User;
  readonly organization: OrganizationRef & { readonly role: Role };
  readonly entitlement: Entitlement;
}

/** Opens a session for somebody who has proved to be this user; every way in ends here. */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
    private readonly entitlements: Entitlements,
    private readonly pairs: TokenPairs,
    private readonly lockout: Lockout,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  async open(user: User, affiliation: Affiliation, product: ProductRef): Promise<SignedIn> {
    const now = this.clock.now();
    const { ip, userAgent } = currentOrigin();
    return this.database.transaction(async () => {
      const entitlement = await this.entitlements.locked(affiliation.organizationId);
      const session = Session.start(
        {
          userId: user.id,
          membershipId: affiliation.membershipId,
          organizationId: affiliation.organizationId,
          productId: product.id,
          ip,
          userAgent,
          refreshJti: this.secrets.randomId(),
        },
        now,
      );
      await this.sessions.add(session);
      await this.lockout.remember(user.id, ip ?? 'unknown');
      await this.audit.record({
        chain: { organizationId: affiliation.organizationId },
        actor: { type: 'user', id: user.id },
        action: 'session.started',
        target: { type: 'session', id: session.id },
      });
      const scopes = entitlement.subscription.active ? reachOf(affiliation.role, entitlement.scopes) : Scopes.none;
      const tokens = this.pairs.sign(
        {
          sessionId: session.id,
          sessionExpiresAt: session.expiresAt,
          userId: user.id,
          organizationId: affiliation.organizationId,
          productSlug: product.slug,
          scopes,
          refreshJti: session.refreshJti,
        },
        now,
      );
      const { organizationId: id, name, slug, role } = affiliation;
      return { tokens, user, organization: { id, name, slug, role }, entitlement };
    });
  }
}

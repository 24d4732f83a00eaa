import { Injectable } from '@nestjs/common';
import { type Entitlement, Entitlements } from '#access';
import { type AuditAction, Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, type Principal, reachOf } from '#domain';
import { PRODUCT_REFRESH, type ProductClaims, TokenVerifier } from '#jwt';
import { SealedBox, Secrets } from '#secrets';
import { subscriptionOf, Users } from '../workspace/index.js';
import { judgeRefresh } from './domain/session.js';
import { assertHolds } from './session-life.js';
import { type LiveSession, SessionReader } from './storage/session-reader.js';
import { type ListedSession, SessionRepository } from './storage/session.repository.js';
import { type TokenPair, TokenPairs } from './token-pair.service.js';

export type { ListedSession };

/** A refresh that lost the race against another looks again; each look finds a session that has moved on. */
const MOST_LOOKS = 5;

/** The life of sessions after they were opened: refreshed, listed, ended. */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: Database,
    private readonly verifier: TokenVerifier,
    private readonly reader: SessionReader,
    private readonly sessions: SessionRepository,
    private readonly users: Users,
    private readonly entitlements: Entitlements,
    private readonly pairs: TokenPairs,
    private readonly box: SealedBox,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /**
   * A new pair for the current refresh token; for its parent, a moment later, the same pair again; for anything older the
   * end of the session.
   * @throws invalid_token, invalid_token_type, token_expired, token_revoked, subscription_inactive
   */
  async refresh(refreshToken: string, namedProduct: string | undefined): Promise<TokenPair> {
    const claims = await this.verifier.genuine(refreshToken, PRODUCT_REFRESH);
    if (namedProduct !== undefined && namedProduct !== claims.product) throw new DomainError('invalid_token');
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const pair = await this.tryRefresh(claims);
      if (pair !== null) return pair;
    }
    throw new DomainError('unavailable', { retryAfter: 1 });
  }

  /** Ends the caller's own session. */
  async logout({ credentialId, userId, organization }: Principal): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.sessions.revoke(credentialId, this.clock.now()))) return;
      await this.record('session.ended', userId, credentialId, organization.id);
    });
  }

  async list({ userId, product }: Principal): Promise<ListedSession[]> {
    return this.sessions.list(userId, product.id, this.clock.now());
  }

  /** @throws not_found for a session that is not the caller's on this product, or has ended */
  async end({ userId, product }: Principal, id: number): Promise<void> {
    await this.database.transaction(async () => {
      const ended = await this.sessions.revokeOwn(userId, product.id, id, this.clock.now());
      if (ended === null) throw new DomainError('not_found');
      await this.record('session.revoked', userId, ended.id, ended.organizationId);
    });
  }

  /** Ends all of the caller's sessions on this product but the present one. */
  async endOthers({ userId, product, credentialId }: Principal): Promise<void> {
    await this.database.transaction(async () => {
      // Whoever is just opening one finishes first: none slips in unseen.
      await this.users.change(userId, () => undefined);
      for (const ended of await this.sessions.revokeOthers(userId, product.id, credentialId, this.clock.now())) {
        await this.record('session.revoked', userId, ended.id, ended.organizationId);
      }
    });
  }

  /** Null: another request moved the session in the same instant. */
  private async tryRefresh(claims: ProductClaims): Promise<TokenPair | null> {
    const session = await this.reader.find(claims.sid);
    const now = this.clock.at(session?.database_time ?? this.clock.now());
    assertHolds(session, claims, now);
    const verdict = judgeRefresh({ refreshJti: session.refresh_jti, previousRefreshJti: session.previous_refresh_jti, rotatedAt: session.rotated_at }, claims.jti, now);
    // Theft is judged before the subscription: a thief must not live on because a bill is open.
    if (verdict === 'stolen') return this.endStolen(session, now);
    // A customer who has paid is not locked out because a word of it was lost: before refusing, it is asked for.
    const isActive = this.entitlements.judge(subscriptionOf(session), now).subscription.active || (await this.entitlements.asked(session.organization_id)).subscription.active;
    if (!isActive) throw new DomainError('subscription_inactive');
    return verdict === 'repeated' ? this.repeat(session, claims) : this.rotate(session, claims, now);
  }

  private async rotate(session: LiveSession, { jti }: ProductClaims, now: Date): Promise<TokenPair | null> {
    const refreshJti = this.secrets.randomId();
    return this.database.transaction(async () => {
      const entitlement = await this.entitlements.locked(session.organization_id);
      if (!entitlement.subscription.active) throw new DomainError('subscription_inactive');
      const pair = this.sign(session, entitlement, refreshJti, now);
      const sealedSuccessor = this.box.seal(JSON.stringify(pair), sealContext(session.id, jti));
      if (!(await this.sessions.rotate({ id: session.id, from: jti, to: refreshJti, sealedSuccessor }, now))) return null;
      await this.record('session.refreshed', session.user_id, session.id, session.organization_id);
      return pair;
    });
  }

  private async repeat(session: LiveSession, { jti }: ProductClaims): Promise<TokenPair | null> {
    const sealed = await this.sessions.successor(session.id, jti);
    if (sealed === null) return null;
    return JSON.parse(this.box.open(sealed, sealContext(session.id, jti)).toString('utf8')) as TokenPair;
  }

  /** Commits the end first and refuses then: a refusal that rolled back would leave the thief's branch alive. */
  private async endStolen(session: LiveSession, now: Date): Promise<never> {
    await this.database.transaction(async () => {
      if (!(await this.sessions.revoke(session.id, now))) return;
      await this.audit.record({
        chain: { organizationId: session.organization_id },
        actor: { type: 'session', id: session.id },
        action: 'session.revoked',
        target: { type: 'session', id: session.id },
        metadata: { reason: 'refresh_token_reuse' },
      });
    });
    throw new DomainError('token_revoked');
  }

  private sign(session: LiveSession, entitlement: Entitlement, refreshJti: string, now: Date): TokenPair {
    return this.pairs.sign(
      {
        sessionId: session.id,
        sessionExpiresAt: session.expires_at,
        userId: session.user_id,
        organizationId: session.organization_id,
        productSlug: session.product_slug,
        scopes: reachOf(session.role, entitlement.scopes),
        refreshJti,
      },
      now,
    );
  }

  private async record(action: AuditAction, userId: number, sessionId: number, organizationId: number): Promise<void> {
    await this.audit.record({
      chain: { organizationId },
      actor: { type: 'user', id: userId },
      action,
      target: { type: 'session', id: sessionId },
    });
  }
}

/** An answer belongs to the session and to the one token that it replaced. */
function sealContext(sessionId: number, jti: string): string {
  return `refresh:${sessionId}:${jti}`;
}

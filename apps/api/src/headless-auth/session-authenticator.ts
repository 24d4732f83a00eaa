import { Injectable } from '@nestjs/common';
import { type Authenticator, Authenticators, Entitlements } from '#access';
import { Clock } from '#clock';
import { Grant, Principal, Scopes } from '#domain';
import { OAUTH_ACCESS, PRODUCT_ACCESS, type ProductClaims, TokenVerifier, typOf } from '#jwt';
import { identityOf, subscriptionOf } from '../workspace/index.js';
import { assertHolds } from './session-life.js';
import { type LiveSession, SessionReader } from './storage/session-reader.js';

/** Every JWT begins so: it is what `{"` becomes in base64url. */
const JSON_OBJECT = 'eyJ';

/** Knows a product's access token, and asks at every request whether its session still holds. */
@Injectable()
export class SessionAuthenticator implements Authenticator {
  constructor(
    authenticators: Authenticators,
    private readonly verifier: TokenVerifier,
    private readonly sessions: SessionReader,
    private readonly entitlements: Entitlements,
    private readonly clock: Clock,
  ) {
    authenticators.register(this);
  }

  async authenticate(credential: string): Promise<Principal | null> {
    if (!credential.startsWith(JSON_OBJECT) || typOf(credential) === OAUTH_ACCESS.typ) return null;
    const claims = await this.verifier.genuine(credential, PRODUCT_ACCESS);
    const session = await this.sessions.find(claims.sid);
    const now = this.clock.at(session?.database_time ?? this.clock.now());
    assertHolds(session, claims, now);
    return this.principal(session, claims, now);
  }

  private principal(session: LiveSession, claims: ProductClaims, now: Date): Principal {
    const { subscription, scopes } = this.entitlements.judge(subscriptionOf(session), now);
    return Principal.of({
      kind: 'user',
      credentialId: session.id,
      tokenPrefix: null,
      expiresAt: new Date(claims.exp * 1000),
      projectId: null,
      ...identityOf(session),
      subscription,
      plan: scopes,
      grant: Grant.of(Scopes.stored(claims.scopes)),
    });
  }
}

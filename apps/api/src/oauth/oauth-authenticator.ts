import { Injectable } from '@nestjs/common';
import { type Authenticator, Authenticators, Entitlements } from '#access';
import { Clock } from '#clock';
import { Config } from '#config';
import { DomainError, Grant, Principal, Scopes } from '#domain';
import { assertTimely, OAUTH_ACCESS, type OAuthClaims, thumbprint, TokenVerifier, typOf } from '#jwt';
import { organizationOf, organizationStands, subscriptionOf } from '../workspace/index.js';
import { GrantReader, type LiveGrant } from './storage/grant-reader.js';

/** Every JWT begins so: it is what `{"` becomes in base64url. */
const JSON_OBJECT = 'eyJ';

/** Knows an access token of an OAuth application, and asks at every request whether what it stands on still holds. */
@Injectable()
export class OAuthAuthenticator implements Authenticator {
  constructor(
    authenticators: Authenticators,
    private readonly verifier: TokenVerifier,
    private readonly grants: GrantReader,
    private readonly entitlements: Entitlements,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    authenticators.register(this);
  }

  async authenticate(credential: string): Promise<Principal | null> {
    if (!credential.startsWith(JSON_OBJECT) || typOf(credential) !== OAUTH_ACCESS.typ) return null;
    const claims = await this.verifier.genuine(credential, OAUTH_ACCESS);
    const { sort, id } = foundation(claims);
    const grant = await this.grants.find({ clientId: claims.client_id, jti: claims.jti, secretId: sort === 'secret' ? Number(id) : null });
    if (grant === null || !this.belongs(grant, claims)) throw new DomainError('invalid_token');
    const now = this.clock.at(grant.database_time);
    const credentialHolds = sort === 'secret' ? grant.secret_holds : (grant.jwks ?? []).some((key) => thumbprint(key) === id);
    const ended = { kind: 'oauth_application', credentialId: grant.id, tokenPrefix: null, organizationId: grant.organization_id } as const;
    if (grant.deleted_at !== null || grant.is_revoked || !credentialHolds) throw new DomainError('token_revoked', { ended });
    if (!organizationStands(grant)) throw new DomainError('token_revoked');
    assertTimely(claims, now);
    return this.principal(grant, claims, now);
  }

  private belongs(grant: LiveGrant, { aud, org, product }: OAuthClaims): boolean {
    return aud === this.config.publicUrl && grant.organization_id === org && grant.product_slug === product;
  }

  private principal(grant: LiveGrant, claims: OAuthClaims, now: Date): Principal {
    const { subscription, scopes } = this.entitlements.judge(subscriptionOf(grant), now);
    return Principal.of({
      kind: 'oauth_application',
      credentialId: grant.id,
      tokenPrefix: null,
      expiresAt: new Date(claims.exp * 1000),
      userId: grant.service_user_id,
      membershipId: null,
      name: grant.service_user_name,
      email: grant.service_user_email,
      locale: grant.default_locale,
      role: null,
      projectId: null,
      ...organizationOf(grant),
      subscription,
      plan: scopes,
      // What the application was narrowed to since is gone from its tokens too.
      grant: Grant.of(Scopes.stored(claims.scopes).intersect(Scopes.stored(grant.scopes))),
    });
  }
}

/** The credential that obtained it: a secret by its id, or a key by its thumbprint. */
function foundation({ client_credential: credential }: OAuthClaims): { sort: string; id: string } {
  const [sort = '', id = ''] = credential.split(':');
  return { sort, id };
}

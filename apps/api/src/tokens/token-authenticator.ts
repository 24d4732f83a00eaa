import { Injectable } from '@nestjs/common';
import { type Authenticator, Authenticators, Entitlements } from '#access';
import { Clock } from '#clock';
import { DomainError, Grant, Principal, Scopes } from '#domain';
import { Secrets } from '#secrets';
import { identityOf, stands, subscriptionOf } from '../workspace/index.js';
import { type LiveToken, TokenReader } from './storage/token-reader.js';
import { TOKEN_SCHEME } from './tokens.service.js';

/** Knows a workspace token by its digest, and asks at every request whether it, and its owner's place, still hold. */
@Injectable()
export class TokenAuthenticator implements Authenticator {
  constructor(
    authenticators: Authenticators,
    private readonly secrets: Secrets,
    private readonly tokens: TokenReader,
    private readonly entitlements: Entitlements,
    private readonly clock: Clock,
  ) {
    authenticators.register(this);
  }

  async authenticate(credential: string): Promise<Principal | null> {
    if (!credential.startsWith(TOKEN_SCHEME)) return null;
    // A misspelt or invented one costs the database nothing.
    if (!this.secrets.isWellFormed(TOKEN_SCHEME, credential)) throw new DomainError('invalid_token');
    const token = await this.tokens.find(this.secrets.digest(credential));
    if (token === null) throw new DomainError('invalid_token');
    const now = this.clock.at(token.database_time);
    assertHolds(token, now);
    return this.principal(token, now);
  }

  private principal(token: LiveToken, now: Date): Principal {
    const { subscription, scopes } = this.entitlements.judge(subscriptionOf(token), now);
    return Principal.of({
      kind: 'workspace_token',
      credentialId: token.id,
      tokenPrefix: token.token_prefix,
      expiresAt: token.expires_at,
      projectId: null,
      ...identityOf(token),
      subscription,
      plan: scopes,
      grant: token.full_access ? Grant.full : Grant.of(Scopes.stored(token.scopes)),
    });
  }
}

/** @throws token_revoked, token_expired */
function assertHolds(token: LiveToken, now: Date): void {
  const { id, token_prefix, organization_id, revoked_at, secret_ends_at, ended_at, expires_at, locale } = token;
  const hasEnded = revoked_at !== null || ended_at !== null || (secret_ends_at !== null && secret_ends_at <= now);
  const ended = { kind: 'workspace_token', credentialId: id, tokenPrefix: token_prefix, organizationId: organization_id } as const;
  if (hasEnded) throw new DomainError('token_revoked', { readerLocale: locale, ended });
  if (!stands(token)) throw new DomainError('token_revoked', { readerLocale: locale });
  if (expires_at !== null && expires_at <= now) throw new DomainError('token_expired', { readerLocale: locale });
}

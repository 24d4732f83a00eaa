import { Injectable } from '@nestjs/common';
import { type Authenticator, Authenticators, Entitlements } from '#access';
import { Clock } from '#clock';
import { DomainError, Grant, Principal, Scopes } from '#domain';
import { Secrets } from '#secrets';
import { organizationOf, organizationStands, subscriptionOf } from '../workspace/index.js';
import { KEY_SCHEME } from './installations.service.js';
import { KeyReader, type LiveKey } from './storage/key-reader.js';

/** Knows an extension's key by its digest, and asks at every request whether it, its installation and its project still hold. */
@Injectable()
export class ExtensionAuthenticator implements Authenticator {
  constructor(
    authenticators: Authenticators,
    private readonly secrets: Secrets,
    private readonly keys: KeyReader,
    private readonly entitlements: Entitlements,
    private readonly clock: Clock,
  ) {
    authenticators.register(this);
  }

  async authenticate(credential: string): Promise<Principal | null> {
    if (!credential.startsWith(KEY_SCHEME)) return null;
    // A misspelt or invented one costs the database nothing.
    if (!this.secrets.isWellFormed(KEY_SCHEME, credential)) throw new DomainError('invalid_token');
    const key = await this.keys.find(this.secrets.digest(credential));
    if (key === null) throw new DomainError('invalid_token');
    const now = this.clock.at(key.database_time);
    assertHolds(key, now);
    return this.principal(key, now);
  }

  private principal(key: LiveKey, now: Date): Principal {
    const { subscription, scopes } = this.entitlements.judge(subscriptionOf(key), now);
    return Principal.of({
      kind: 'extension',
      credentialId: key.id,
      tokenPrefix: key.prefix,
      expiresAt: key.key_ends_at,
      userId: key.service_user_id,
      membershipId: null,
      name: key.service_user_name,
      email: key.service_user_email,
      locale: key.default_locale,
      role: null,
      projectId: key.project_id,
      ...organizationOf(key),
      subscription,
      plan: scopes,
      grant: Grant.of(Scopes.stored(key.permissions)),
    });
  }
}

/** @throws token_revoked */
function assertHolds(key: LiveKey, now: Date): void {
  const hasEnded = key.uninstalled_at !== null || !key.project_exists || (key.key_ends_at !== null && key.key_ends_at <= now);
  const ended = { kind: 'extension', credentialId: key.id, tokenPrefix: key.prefix, organizationId: key.organization_id } as const;
  if (hasEnded) throw new DomainError('token_revoked', { readerLocale: key.default_locale, ended });
  if (!organizationStands(key)) throw new DomainError('token_revoked', { readerLocale: key.default_locale });
}

import { Injectable } from '@nestjs/common';
import { Authenticators } from '#access';
import { Audit } from '#audit';
import { Database } from '#database';
import { DomainError, type Principal } from '#domain';
import { OAUTH_ACCESS, type OAuthClaims, TokenVerifier, typOf } from '#jwt';
import type { ClientRequest } from './client-authentication/client-authentication.js';
import { Clients } from './client-authentication/clients.service.js';
import { ClientCredentials } from './grants/client-credentials.js';
import type { Grant, TokenResponse } from './grants/grant.js';
import { RevokedTokenRepository } from './storage/revoked-token.repository.js';

/** What introspection tells of a token that holds (RFC 7662 §2.2). */
export interface Introspection {
  readonly principal: Principal;
  /** What the token says itself, where it is one of an OAuth application. */
  readonly claims: OAuthClaims | null;
}

/** The endpoints that OAuth clients call. */
@Injectable()
export class OAuth {
  private readonly grants: readonly Grant[];

  constructor(
    clientCredentials: ClientCredentials,
    private readonly clients: Clients,
    private readonly authenticators: Authenticators,
    private readonly verifier: TokenVerifier,
    private readonly revoked: RevokedTokenRepository,
    private readonly database: Database,
    private readonly audit: Audit,
  ) {
    this.grants = [clientCredentials];
  }

  /** RFC 6749 §4.4.2. @throws invalid_request, invalid_client, unsupported_grant_type, invalid_scope, rate_limit_exceeded */
  async token(request: ClientRequest): Promise<TokenResponse> {
    const { grant_type: type } = request.form;
    if (type === undefined) throw new DomainError('invalid_request');
    const client = await this.clients.authenticate(request);
    const grant = this.grants.find((known) => known.type === type);
    if (grant === undefined) throw new DomainError('unsupported_grant_type');
    return grant.issue(client, request.form);
  }

  /** RFC 7009 §2: a token of this client's is dead from the next request on; anything else is left alone, without a word. */
  async revoke(request: ClientRequest): Promise<void> {
    const { client, now } = await this.clients.authenticate(request);
    const { token } = request.form;
    if (token === undefined) throw new DomainError('invalid_request');
    const claims = await this.ownClaims(token);
    if (claims === null || claims.client_id !== client.client_id || claims.exp * 1000 <= now.getTime()) return;
    const application = { type: 'oauth_application', id: client.id } as const;
    await this.database.transaction(async () => {
      if (!(await this.revoked.add(claims.jti, new Date(claims.exp * 1000)))) return;
      await this.audit.record({ chain: { organizationId: client.organization_id }, actor: application, action: 'oauth_token.revoked', target: application, metadata: { jti: claims.jti } });
    });
  }

  /** RFC 7662 §2: who the token is, if it holds and belongs to the client's own organization; null for everything else. */
  async introspect(request: ClientRequest): Promise<Introspection | null> {
    const { client } = await this.clients.authenticate(request);
    const { token } = request.form;
    if (token === undefined) throw new DomainError('invalid_request');
    const principal = await this.holder(token);
    if (principal?.organization.id !== client.organization_id) return null;
    return { principal, claims: await this.ownClaims(token) };
  }

  private async holder(token: string): Promise<Principal | null> {
    try {
      return await this.authenticators.authenticate(token);
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') return null;
      throw error;
    }
  }

  /** Null for what is no access token of ours; an outage is one. */
  private async ownClaims(token: string): Promise<OAuthClaims | null> {
    try {
      return typOf(token) === OAUTH_ACCESS.typ ? await this.verifier.genuine(token, OAUTH_ACCESS) : null;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'unauthenticated') return null;
      throw error;
    }
  }
}

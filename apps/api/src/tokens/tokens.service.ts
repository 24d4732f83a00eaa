import { Injectable } from '@nestjs/common';
import { Audit, type AuditAction } from '#audit';
import { Database } from '#database';
import { DomainError, type Principal } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { type GeneratedSecret, Secrets } from '#secrets';
import { Members } from '../workspace/index.js';
import type { ListedToken, TokenFilters } from './domain/listed-token.js';
import { graceEnd, type NewToken, WorkspaceToken } from './domain/workspace-token.js';
import { TokenSecretRepository } from './storage/token-secret.repository.js';
import { WorkspaceTokenRepository } from './storage/workspace-token.repository.js';
import { TokenNotices } from './token-notices.service.js';

export const TOKEN_SCHEME = 'wksp_';

/** A token with its secret, told this once. */
export interface ToldToken {
  readonly token: ListedToken;
  readonly secret: string;
}

/** The tokens of a workspace, as its admins keep them. */
@Injectable()
export class WorkspaceTokens {
  constructor(
    private readonly database: Database,
    private readonly tokens: WorkspaceTokenRepository,
    private readonly stored: TokenSecretRepository,
    private readonly members: Members,
    private readonly notices: TokenNotices,
    private readonly secrets: Secrets,
    private readonly audit: Audit,
  ) {}

  async list({ organization }: Principal, filters: TokenFilters, page: PageRequest): Promise<PageOf<ListedToken>> {
    return this.tokens.list(organization.id, filters, page, await this.database.time());
  }

  /** @throws not_found */
  async show({ organization }: Principal, id: number): Promise<ListedToken> {
    const token = await this.tokens.listed(organization.id, id, await this.database.time());
    if (token === null) throw new DomainError('not_found');
    return token;
  }

  /** Nobody hands out more than they hold. @throws insufficient_scope, validation_error for an expiry that is past */
  async issue(issuer: Principal, request: NewToken): Promise<ToldToken> {
    issuer.mustCover(request.grant);
    issuer.mustOutlive(request.expiresAt);
    const secret = this.secrets.generate(TOKEN_SCHEME);
    return this.database.transaction(async () => {
      const now = await this.database.time();
      const owner = { organizationId: issuer.organization.id, membershipId: memberOf(issuer) };
      const token = WorkspaceToken.issue(owner, request, secret.prefix, now);
      await this.tokens.add(token);
      await this.stored.add(token.id, secret.digest, now);
      await this.record(issuer, 'workspace_token.issued', token.id, { ...request.grant.toJSON(), expires_at: request.expiresAt });
      return this.told(issuer, token, secret);
    });
  }

  /** @throws not_found */
  async rename(admin: Principal, id: number, name: string | undefined): Promise<ListedToken> {
    return this.database.transaction(async () => {
      const token = await this.locked(admin, id);
      if (name !== undefined && name !== token.name) {
        token.rename(name);
        await this.tokens.save(token);
        await this.record(admin, 'workspace_token.renamed', id);
      }
      return this.show(admin, id);
    });
  }

  /**
   * A new secret; the one before works on for the grace, and none before that. It is handing out: so whoever rotates must
   * hold what the token holds.
   * @throws not_found, insufficient_scope, conflict for a dead token, validation_error
   */
  async rotate(admin: Principal, id: number, graceSeconds: number): Promise<ToldToken> {
    const secret = this.secrets.generate(TOKEN_SCHEME);
    return this.database.transaction(async () => {
      const token = await this.locked(admin, id);
      admin.mustCover(token.grant);
      admin.mustOutlive(token.expiresAt);
      const now = await this.database.time();
      const until = graceEnd(graceSeconds, now);
      if ((await this.members.person(token.membershipId))?.isEnabled !== true) throw new DomainError('conflict');
      token.rotate(secret.prefix, now);
      await this.tokens.save(token);
      await this.stored.end(id, until, now);
      await this.stored.add(id, secret.digest, now);
      await this.record(admin, 'workspace_token.rotated', id, { grace_period_seconds: graceSeconds });
      await this.notices.rotated(token, admin);
      return this.told(admin, token, secret);
    });
  }

  /** Dead from the next request on, on every instance; a second time changes nothing. @throws not_found */
  async revoke(admin: Principal, id: number): Promise<void> {
    await this.database.transaction(async () => {
      const token = await this.locked(admin, id);
      if (token.revokedAt !== null) return;
      token.revoke(await this.database.time());
      await this.tokens.save(token);
      await this.record(admin, 'workspace_token.revoked', id);
      await this.notices.revoked(token, admin);
    });
  }

  /** What ends is judged by the database's clock on every instance, and so is written by it. */
  private async locked({ organization }: Principal, id: number): Promise<WorkspaceToken> {
    const token = await this.tokens.lock(organization.id, id);
    if (token === null) throw new DomainError('not_found');
    return token;
  }

  private async told(principal: Principal, { id }: WorkspaceToken, { plaintext }: GeneratedSecret): Promise<ToldToken> {
    return { token: await this.show(principal, id), secret: plaintext };
  }

  private async record(admin: Principal, action: AuditAction, id: number, metadata: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.audit.record({
      chain: { organizationId: admin.organization.id },
      actor: admin.actor,
      action,
      target: { type: 'workspace_token', id },
      metadata,
    });
  }
}

/** A token is owned by a member: what is none cannot have one. @throws forbidden */
function memberOf({ membershipId }: Principal): number {
  if (membershipId === null) throw new DomainError('forbidden');
  return membershipId;
}

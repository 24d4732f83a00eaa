import { Injectable } from '@nestjs/common';
import { type Description, type Ending, type RecognizedSecret, type Revocable, Revocables } from '#access';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { Secrets } from '#secrets';
import { TokenReader } from './storage/token-reader.js';
import { WorkspaceTokenRepository } from './storage/workspace-token.repository.js';
import { TOKEN_SCHEME } from './tokens.service.js';

/** Ends a token where nobody calls for it: it was reported as leaked, or an alert about it was confirmed. */
@Injectable()
export class TokenEndings implements Revocable {
  readonly kind = 'workspace_token';

  constructor(
    revocables: Revocables,
    private readonly database: Database,
    private readonly tokens: WorkspaceTokenRepository,
    private readonly reader: TokenReader,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {
    revocables.register(this);
  }

  async describe(organizationId: number, id: number): Promise<Description | null> {
    const token = await this.tokens.listed(organizationId, id, await this.database.time());
    return token === null ? null : { name: token.name, isAlive: token.status === 'active' };
  }

  async end(organizationId: number, id: number, { actor, reason, sourceUrl }: Ending): Promise<boolean> {
    const token = await this.tokens.lock(organizationId, id);
    if (token === null || token.revokedAt !== null) return false;
    token.revoke(await this.database.time());
    await this.tokens.save(token);
    const metadata = { reason, token_prefix: token.tokenPrefix, ...(sourceUrl !== undefined && { source_url: sourceUrl }) };
    await this.audit.record({ chain: { organizationId }, actor, action: 'workspace_token.revoked', target: { type: 'workspace_token', id }, metadata });
    return true;
  }

  /** A secret that was replaced opens nothing any more, and so ends nothing. */
  async recognize(secret: string): Promise<RecognizedSecret | null> {
    if (!this.secrets.isWellFormed(TOKEN_SCHEME, secret)) return null;
    const digest = this.secrets.digest(secret);
    const token = await this.reader.find(digest);
    if (token === null || (token.secret_ends_at !== null && token.secret_ends_at <= this.clock.at(token.database_time))) return null;
    return { organizationId: token.organization_id, credentialId: token.id, digest };
  }

  /** The token as a whole. */
  async endSecret({ organizationId, credentialId }: RecognizedSecret, ending: Ending): Promise<boolean> {
    return this.end(organizationId, credentialId, ending);
  }
}

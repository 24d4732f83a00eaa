import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CredentialKind } from '#domain';

/** A credential that was handed out. */
export interface IssuedCredential extends Record<string, unknown> {
  readonly kind: Exclude<CredentialKind, 'user'>;
  readonly credentialId: number;
}

/** Acts that tell the actor a secret, and whose it is. */
const HANDED_OUT = `
  (VALUES ('workspace_token.issued', 'workspace_token'), ('workspace_token.rotated', 'workspace_token'),
          ('oauth_application.registered', 'oauth_application'), ('oauth_secret.added', 'oauth_application'),
          ('extension.installed', 'extension'), ('extension_key.rotated', 'extension')) AS h(action, kind)`;

/** What a workspace token handed out, as the trail has it: whoever held the token was told the secrets. */
@Injectable()
export class Issued {
  constructor(private readonly database: Database) {}

  async by(organizationId: number, tokenId: number): Promise<IssuedCredential[]> {
    return this.database.query<IssuedCredential>(
      `SELECT DISTINCT h.kind, coalesce(e.metadata->>'application_id', e.target_id)::bigint AS "credentialId"
       FROM audit_entries e JOIN ${HANDED_OUT} ON h.action = e.action
       WHERE e.chain = $1 AND e.actor_type = 'workspace_token' AND e.actor_id = $2 ORDER BY 1, 2`,
      [`organization:${organizationId}`, String(tokenId)],
    );
  }
}

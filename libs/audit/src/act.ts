import type { CredentialKind, Origin } from '#domain';

/** What the audit trail knows, as `<noun>.<past participle>`. */
export type AuditAction =
  | 'user.registered'
  | 'user.updated'
  | 'user.invited'
  | 'user.joined'
  | 'user.removed'
  | 'user.disabled'
  | 'user.enabled'
  | 'role.changed'
  | 'organization.suspended'
  | 'organization.resumed'
  | 'session.started'
  | 'session.refreshed'
  | 'session.ended'
  | 'session.revoked'
  | 'workspace_token.issued'
  | 'workspace_token.renamed'
  | 'workspace_token.rotated'
  | 'workspace_token.revoked'
  | 'oauth_application.registered'
  | 'oauth_application.updated'
  | 'oauth_application.deleted'
  | 'oauth_secret.added'
  | 'oauth_secret.revoked'
  | 'oauth_token.revoked'
  | 'extension.installed'
  | 'extension.upgraded'
  | 'extension.uninstalled'
  | 'extension_key.rotated'
  | 'extension_key.revoked'
  | 'extension_secret.set'
  | 'extension_secret.read'
  | 'extension_secret.deleted'
  | 'extension_secret.broken'
  | 'subscription.changed'
  | 'stripe_event.ignored'
  | 'login.failed'
  | 'password.reset_requested'
  | 'password.reset'
  | 'password.changed'
  | 'signing_key.rotated'
  | 'signing_key.removed'
  | 'settings.changed'
  | 'security_alert.acknowledged'
  | 'data_key.rotated';

/** Who or what, by type and id: names are joined when the trail is read, so that a person can be erased from it. */
export interface Reference {
  readonly type: CredentialKind | 'oauth_secret' | 'extension_secret' | 'session' | 'organization' | 'signing_key' | 'data_key' | 'subscription' | 'stripe' | 'security_alert' | 'leak_report' | 'operator';
  readonly id: number | string | null;
}

/** On which chain of hashes an act stands: its organization's, its product's identity chain, or the operator's. */
export type Chain = { readonly organizationId: number } | { readonly identityOf: number } | 'operator';

/** One thing that somebody did. */
export interface Act {
  readonly chain: Chain;
  readonly actor: Reference;
  readonly action: AuditAction;
  readonly target: Reference;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Default: the request under way. */
  readonly origin?: Origin;
}

export function chainName(chain: Chain): string {
  if (chain === 'operator') return chain;
  return 'organizationId' in chain ? `organization:${chain.organizationId}` : `identity:${chain.identityOf}`;
}

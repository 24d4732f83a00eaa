/** A credential that was recognized, and was revoked or replaced: whoever still uses it may not be who it was given to. */
export interface EndedCredential {
  readonly kind: 'workspace_token' | 'oauth_application' | 'extension';
  readonly credentialId: number;
  readonly tokenPrefix: string | null;
  readonly organizationId: number;
}

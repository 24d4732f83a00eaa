import type { AuthenticatedClient } from '../client-authentication/client-authentication.js';

/** An answer of the token endpoint (RFC 6749 §5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** In seconds. */
  readonly expires_in: number;
  readonly scope: string;
}

/** One way of obtaining a token. */
export interface Grant {
  readonly type: string;
  issue(client: AuthenticatedClient, form: Readonly<Record<string, string>>): TokenResponse;
}

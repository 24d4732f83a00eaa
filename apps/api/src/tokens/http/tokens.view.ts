import type { ListedToken } from '../domain/listed-token.js';
import type { ToldToken } from '../tokens.service.js';

export function tokenView({ owner_id, owner_name, ...token }: ListedToken) {
  const { id, name, scopes, full_access, token_prefix, status, expires_at, created_at, last_used_at, last_used_ip, revoked_at } = token;
  return {
    id, name, scopes, full_access, token_prefix, status, expires_at, created_at, last_used_at, last_used_ip, revoked_at,
    owner: { id: owner_id, name: owner_name },
  };
}

/** With the token itself, this once. */
export function toldTokenView({ token, secret }: ToldToken) {
  return { ...tokenView(token), token: secret };
}

import type { ListedApplication, ToldSecret } from '../applications.service.js';
import type { ClientSecret } from '../domain/client-secret.js';

export function applicationView({ application, secrets }: ListedApplication) {
  const { id, name, clientId, scopes, accessTokenTtl, jwks, createdAt } = application;
  return {
    id,
    name,
    client_id: clientId,
    scopes,
    access_token_ttl: accessTokenTtl,
    jwks: jwks === null ? null : { keys: jwks },
    secrets: secrets.map(secretView),
    created_at: createdAt,
  };
}

/** With the first secret, this once. */
export function registeredView(registered: ListedApplication & ToldSecret) {
  return { ...applicationView(registered), client_secret: registered.plaintext };
}

/** With the secret itself, this once. */
export function addedSecretView({ secret: { id, prefix, expiresAt }, plaintext }: ToldSecret) {
  return { id, prefix, client_secret: plaintext, expires_at: expiresAt };
}

function secretView({ id, prefix, createdAt, lastUsedAt, expiresAt }: ClientSecret) {
  return { id, prefix, created_at: createdAt, last_used_at: lastUsedAt, expires_at: expiresAt };
}

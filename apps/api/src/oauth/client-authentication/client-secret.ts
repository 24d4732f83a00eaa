import type { Secrets } from '#secrets';
import type { ReadClient } from '../storage/client-reader.js';
import type { Claim } from './client-authentication.js';

export const SECRET_SCHEME = 'kcs_';

/** A claim that a secret proves; for one that cannot be of ours, by its form or its checksum, nobody need be looked up. */
export function bySecret(clientId: string, secret: string, secrets: Secrets): Claim {
  const digest = secrets.digest(secret);
  return {
    clientId,
    digest,
    isPlausible: secrets.isWellFormed(SECRET_SCHEME, secret),
    prove: async (client, now) => secretOf(client, digest.toString('hex'), secrets, now),
  };
}

/** The secret of the client that this is, by its name in tokens; null where it is none of those that work now. */
function secretOf(client: ReadClient, digest: string, secrets: Secrets, now: Date): string | null {
  const found = client.secrets.find((secret) => secrets.isSame(secret.digest, digest));
  if (found === undefined || (found.expires_at !== null && new Date(found.expires_at) <= now)) return null;
  return `secret:${found.id}`;
}

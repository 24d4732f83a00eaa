import type { Secrets } from '#secrets';
import type { ReadClient } from '../storage/client-reader.js';

export const SECRET_SCHEME = 'kcs_';

/** The secret of the client that this is, by its name in tokens; null where it is none of those that work now. */
export function secretOf(client: ReadClient, presented: string, secrets: Secrets, now: Date): string | null {
  const digest = secrets.digest(presented).toString('hex');
  const found = client.secrets.find((secret) => secrets.isSame(secret.digest, digest));
  if (found === undefined || (found.expires_at !== null && new Date(found.expires_at) <= now)) return null;
  return `secret:${found.id}`;
}

import { DomainError } from '#domain';
import { type ProductClaims, assertTimely } from '#jwt';
import { stands } from '../workspace/index.js';
import type { LiveSession } from './storage/session-reader.js';

/**
 * Whether a genuine token's session still holds, at the database's time: the user, the membership, the organization and the
 * product decide with it.
 * @throws invalid_token, token_revoked, token_expired
 */
export function assertHolds(session: LiveSession | null, claims: ProductClaims, now: Date): asserts session is LiveSession {
  if (session === null || !belongs(session, claims)) throw new DomainError('invalid_token');
  if (session.revoked_at !== null || !stands(session)) {
    throw new DomainError('token_revoked', { readerLocale: session.locale });
  }
  if (session.expires_at <= now) throw new DomainError('token_expired', { readerLocale: session.locale });
  assertTimely(claims, now);
}

function belongs(session: LiveSession, { sub, org, product }: ProductClaims): boolean {
  return String(session.user_id) === sub && session.organization_id === org && session.product_slug === product;
}

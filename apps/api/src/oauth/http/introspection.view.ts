import type { Introspection } from '../oauth.service.js';

/** RFC 7662 §2.2; a token that does not hold, or is not the client's to ask about, is inactive and nothing else. */
export function introspectionView(introspection: Introspection | null) {
  if (introspection === null) return { active: false };
  const { principal, claims } = introspection;
  const { kind, credentialId, expiresAt, userId, email, organization, product, reach } = principal;
  return {
    active: true,
    // What it opens now: less than it says, where its owner's role or the plan has shrunk since.
    scope: reach.toJSON().join(' '),
    token_type: 'Bearer',
    sub: String(userId),
    username: email,
    ...(expiresAt !== null && { exp: Math.floor(expiresAt.getTime() / 1000) }),
    ...(claims !== null && { sub: claims.sub, client_id: claims.client_id, iss: claims.iss, aud: claims.aud, iat: claims.iat, jti: claims.jti }),
    org: organization.id,
    product: product.slug,
    // A person's credential is their session.
    credential: { type: kind === 'user' ? 'session' : kind, id: credentialId },
  };
}

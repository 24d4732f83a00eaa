import { z } from 'zod';
import type { TokenKind } from './token-kind.js';

/** The longest life of an OAuth access token, in seconds. */
const OAUTH_LIFETIME_SECONDS = 3_600;

const seconds = z.int().nonnegative();
const name = z.string().regex(/^[\x21-\x7e]{1,128}$/);

const OAUTH_CLAIMS = z
  .object({
    iss: z.string(),
    sub: name,
    client_id: name,
    aud: z.string(),
    org: z.int().positive(),
    product: z.string(),
    scope: z.string(),
    scopes: z.array(z.string()),
    iat: seconds,
    exp: seconds,
    jti: name,
    /** Which of the application's own credentials obtained it: a secret's id, or a key's thumbprint. It dies with that. */
    client_credential: z.string().regex(/^(?:secret:[1-9][0-9]{0,15}|key:[A-Za-z0-9_-]{43})$/),
  })
  .refine(({ sub, client_id }) => sub === client_id)
  .refine(({ scope, scopes }) => scope === scopes.join(' '));

/** What an access token of an OAuth application says (RFC 9068 §2.2). */
export type OAuthClaims = Readonly<z.infer<typeof OAUTH_CLAIMS>>;

export const OAUTH_ACCESS: TokenKind<OAuthClaims> = {
  typ: 'at+jwt',
  claims: OAUTH_CLAIMS,
  issuer: (config) => config.publicUrl,
  lifetime: () => OAUTH_LIFETIME_SECONDS,
  accepts: () => true,
};

import { z } from 'zod';
import type { TokenKind } from './token-kind.js';

export const ACCESS_LIFETIME_SECONDS = 3_600;
export const REFRESH_LIFETIME_SECONDS = 2_592_000;

const LIFETIMES = { access: ACCESS_LIFETIME_SECONDS, refresh: REFRESH_LIFETIME_SECONDS } as const;

const id = z.int().positive();
const seconds = z.int().nonnegative();

const PRODUCT_CLAIMS = z.object({
  iss: z.string(),
  /** The user's id, a string as RFC 7519 §4.1.2 wants it. */
  sub: z.string().regex(/^[1-9][0-9]{0,15}$/).refine((sub) => Number.isSafeInteger(Number(sub))),
  org: id,
  product: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  scopes: z.array(z.string()),
  type: z.enum(['access', 'refresh']),
  iat: seconds,
  exp: seconds,
  jti: z.string().min(1).max(128),
  /** The session's id. */
  sid: id,
});

/** What a product's access and refresh tokens say. */
export type ProductClaims = Readonly<z.infer<typeof PRODUCT_CLAIMS>>;

export const PRODUCT_ACCESS = productToken('access');
export const PRODUCT_REFRESH = productToken('refresh');

function productToken(type: ProductClaims['type']): TokenKind<ProductClaims> {
  return {
    typ: 'JWT',
    claims: PRODUCT_CLAIMS,
    issuer: (config) => config.issuer,
    lifetime: (claims) => LIFETIMES[claims.type],
    accepts: (claims) => claims.type === type,
  };
}

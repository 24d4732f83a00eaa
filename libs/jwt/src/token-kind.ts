import type { z } from 'zod';
import type { Config } from '#config';

/** What every sort says; times in seconds since 1970 (RFC 7519 §2, NumericDate). */
export interface IssuedClaims {
  readonly iss: string;
  readonly iat: number;
  readonly exp: number;
}

/** A sort of JWT that we issue. A new sort is one more constant of this type; signer and verifier stay as they are. */
export interface TokenKind<Claims extends IssuedClaims> {
  /** The header's `typ`: sorts that mean different things are told apart by it first (RFC 8725 §3.11). */
  readonly typ: string;
  /** Every claim, required and typed. Others are ignored, so that a newer instance may add one. */
  readonly claims: z.ZodType<Claims>;
  issuer(config: Config): string;
  /** The longest life that claims like these may have, in seconds. */
  lifetime(claims: Claims): number;
  /** Whether genuine claims are of the type asked for: otherwise it is `invalid_token_type`. */
  accepts(claims: Claims): boolean;
}

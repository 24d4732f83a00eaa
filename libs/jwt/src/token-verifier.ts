import { verify } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '#clock';
import { Config } from '#config';
import { DomainError } from '#domain';
import { type CompactJws, readCompactJws } from './compact-jws.js';
import { RememberedSignatures } from './remembered-signatures.js';
import type { SigningKey } from './signing-key.js';
import { SigningKeys } from './signing-keys.js';
import type { IssuedClaims, TokenKind } from './token-kind.js';

/** How far another instance's clock may be ahead of ours. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** The three parameters that we write and no other: crit, b64, jwk, jku, x5u, x5c, zip have no door to knock at. */
const Header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.string(),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** Strict about JWTs (RFC 8725): only a token that our own signer could have written passes. */
@Injectable()
export class TokenVerifier {
  private readonly remembered = new RememberedSignatures();

  constructor(
    private readonly keys: SigningKeys,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * The claims of a genuine token of this kind that is valid now.
   * @throws DomainError invalid_token, token_expired, invalid_token_type; unavailable where its key cannot be asked for
   */
  async verify<Claims extends IssuedClaims>(token: string, kind: TokenKind<Claims>): Promise<Claims> {
    const claims = await this.genuine(token, kind);
    assertTimely(claims, this.clock.now());
    return claims;
  }

  /** The same for a caller who asks the database what time it is, and then assertTimely. */
  async genuine<Claims extends IssuedClaims>(token: string, kind: TokenKind<Claims>): Promise<Claims> {
    const jws = readCompactJws(token);
    const header = Header.safeParse(jws.header).data;
    if (header?.typ !== kind.typ) throw refused('its header is not one of ours');
    const key = await this.keys.find(header.kid);
    if (key === undefined) throw refused('its key is not published');
    if (!this.isSigned(token, jws, key)) throw refused('its signature is not by its key');
    return this.claimsOf(jws, kind);
  }

  private isSigned(token: string, jws: CompactJws, key: SigningKey): boolean {
    if (this.remembered.has(token)) return true;
    const publicKey = { key: key.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const signed = verify('sha256', Buffer.from(jws.signingInput), publicKey, jws.signature);
    if (signed) this.remembered.add(token);
    return signed;
  }

  private claimsOf<Claims extends IssuedClaims>(jws: CompactJws, kind: TokenKind<Claims>): Claims {
    const claims = kind.claims.safeParse(jws.payload).data;
    if (claims === undefined) throw refused('a claim is missing or of the wrong type');
    if (claims.iss !== kind.issuer(this.config)) throw refused('its issuer is another');
    const life = claims.exp - claims.iat;
    if (life <= 0 || life > kind.lifetime(claims)) throw refused('it lives longer than its type may');
    if (!kind.accepts(claims)) throw new DomainError('invalid_token_type');
    return claims;
  }
}

/** The sort that a text claims to be, by its header alone: nothing of it is proven. @throws DomainError invalid_token for what is no JWT */
export function typOf(token: string): string | undefined {
  return Header.safeParse(readCompactJws(token).header).data?.typ;
}

/** @throws DomainError token_expired, invalid_token for one from the future */
export function assertTimely({ iat, exp }: IssuedClaims, now: Date): void {
  const seconds = now.getTime() / 1000;
  if (iat > seconds + CLOCK_TOLERANCE_SECONDS) throw refused('it was issued in the future');
  if (exp <= seconds) throw new DomainError('token_expired');
}

function refused(reason: string): DomainError {
  return new DomainError('invalid_token', { cause: reason });
}

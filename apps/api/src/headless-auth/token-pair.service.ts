import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import type { Scopes } from '#domain';
import { ACCESS_LIFETIME_SECONDS, PRODUCT_ACCESS, PRODUCT_REFRESH, REFRESH_LIFETIME_SECONDS, TokenSigner } from '#jwt';
import { Secrets } from '#secrets';

interface Grant {
  readonly sessionId: number;
  readonly sessionExpiresAt: Date;
  readonly userId: number;
  readonly organizationId: number;
  readonly productSlug: string;
  readonly scopes: Scopes;
  readonly refreshJti: string;
}

/** What a client gets: two JWTs, and the seconds that the first one lives. */
export interface TokenPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

/** Signs the pair of a session; neither token outlives it. */
@Injectable()
export class TokenPairs {
  constructor(
    private readonly signer: TokenSigner,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  sign(grant: Grant, now: Date): TokenPair {
    const iat = Math.floor(now.getTime() / 1000);
    const sessionEnd = Math.floor(grant.sessionExpiresAt.getTime() / 1000);
    const accessEnd = Math.min(iat + ACCESS_LIFETIME_SECONDS, sessionEnd);
    const claims = {
      iss: this.config.issuer,
      sub: String(grant.userId),
      org: grant.organizationId,
      product: grant.productSlug,
      scopes: grant.scopes.toJSON() as string[],
      sid: grant.sessionId,
      iat,
    };
    return {
      access_token: this.signer.sign({ ...claims, type: 'access' as const, exp: accessEnd, jti: this.secrets.randomId() }, PRODUCT_ACCESS),
      refresh_token: this.signer.sign(
        { ...claims, type: 'refresh' as const, exp: Math.min(iat + REFRESH_LIFETIME_SECONDS, sessionEnd), jti: grant.refreshJti },
        PRODUCT_REFRESH,
      ),
      token_type: 'Bearer',
      expires_in: accessEnd - iat,
    };
  }
}

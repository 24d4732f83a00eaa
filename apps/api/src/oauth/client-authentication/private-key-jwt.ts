import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { DomainError } from '#domain';
import { type AssertionClaims, readAssertion, thumbprint } from '#jwt';
import { AssertionRepository } from '../storage/assertion.repository.js';
import type { ReadClient } from '../storage/client-reader.js';
import type { Claim, ClientAuthenticationMethod, ClientRequest } from './client-authentication.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How long an assertion may be good for, and how far the client's clock may be off. */
const LONGEST_SECONDS = 300;
const TOLERANCE_SECONDS = 5;

/** RFC 7523 §2.2 and §3: a JWT that the client signed with a key it registered, good for one request. */
@Injectable()
export class PrivateKeyJwt implements ClientAuthenticationMethod {
  readonly name = 'private_key_jwt';

  constructor(
    private readonly assertions: AssertionRepository,
    private readonly config: Config,
  ) {}

  isUsedBy({ form }: ClientRequest): boolean {
    return form['client_assertion'] !== undefined || form['client_assertion_type'] !== undefined;
  }

  claim({ form }: ClientRequest): Claim {
    const { client_assertion: text, client_assertion_type: type, client_id: clientId } = form;
    if (text === undefined || type !== ASSERTION_TYPE) throw new DomainError('invalid_request');
    const assertion = readAssertion(text);
    if (assertion === null) throw new DomainError('invalid_client');
    const { claims } = assertion;
    if (clientId !== undefined && clientId !== claims.sub) throw new DomainError('invalid_request');
    return {
      clientId: claims.sub,
      isPlausible: true,
      digest: null,
      prove: async (client, now) => {
        const key = assertion.signedBy(client.jwks ?? []);
        if (key === null || !this.isForUs(claims) || !isTimely(claims, now)) return null;
        return (await this.isFresh(client, claims)) ? `key:${thumbprint(key)}` : null;
      },
    };
  }

  /** Whoever signed it said it of themselves, to us: by our name, or by the endpoint that older clients name. */
  private isForUs({ iss, sub, aud }: AssertionClaims): boolean {
    const { publicUrl } = this.config;
    const audiences = typeof aud === 'string' ? [aud] : aud;
    return iss === sub && audiences.some((audience) => audience === publicUrl || audience === `${publicUrl}/oauth/token`);
  }

  /** Asked last, so that what does not hold anyway uses up no id. */
  private async isFresh({ id }: ReadClient, { jti, exp }: AssertionClaims): Promise<boolean> {
    return this.assertions.use(id, jti, new Date((exp + TOLERANCE_SECONDS) * 1000));
  }
}

function isTimely({ exp, iat, nbf }: AssertionClaims, now: Date): boolean {
  const seconds = now.getTime() / 1000;
  if (exp <= seconds || exp > seconds + LONGEST_SECONDS + TOLERANCE_SECONDS) return false;
  return (iat ?? 0) <= seconds + TOLERANCE_SECONDS && (nbf ?? 0) <= seconds + TOLERANCE_SECONDS;
}

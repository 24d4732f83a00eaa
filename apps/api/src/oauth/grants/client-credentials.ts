import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { DomainError, Scopes } from '#domain';
import { OAUTH_ACCESS, TokenSigner } from '#jwt';
import { Secrets } from '#secrets';
import type { AuthenticatedClient } from '../client-authentication/client-authentication.js';
import type { Grant, TokenResponse } from './grant.js';

/** RFC 6749 §4.4: the client acts for itself. Nothing is written: what the token stands on is asked when it is used. */
@Injectable()
export class ClientCredentials implements Grant {
  readonly type = 'client_credentials';

  constructor(
    private readonly signer: TokenSigner,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  /** @throws invalid_scope for more than the client registered */
  issue({ client, credential, now }: AuthenticatedClient, { scope: asked }: Readonly<Record<string, string>>): TokenResponse {
    const scopes = granted(Scopes.stored(client.scopes), asked).toJSON() as string[];
    const scope = scopes.join(' ');
    const iat = Math.floor(now.getTime() / 1000);
    const access_token = this.signer.sign(
      {
        iss: this.config.publicUrl,
        sub: client.client_id,
        client_id: client.client_id,
        aud: this.config.publicUrl,
        org: client.organization_id,
        product: client.product_slug,
        scope,
        scopes,
        iat,
        exp: iat + client.access_token_ttl,
        jti: this.secrets.randomId(),
        client_credential: credential,
      },
      OAUTH_ACCESS,
    );
    return { access_token, token_type: 'Bearer', expires_in: client.access_token_ttl, scope };
  }
}

/** All that is registered, where nothing is asked for (RFC 6749 §3.3). */
function granted(registered: Scopes, asked: string | undefined): Scopes {
  if (asked === undefined) return registered;
  const scopes = Scopes.parse(asked.split(' '));
  if ('unknown' in scopes || !registered.covers(scopes)) throw new DomainError('invalid_scope');
  return scopes;
}

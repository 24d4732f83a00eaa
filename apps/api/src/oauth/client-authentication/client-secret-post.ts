import { Injectable } from '@nestjs/common';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import type { Claim, ClientAuthenticationMethod, ClientRequest } from './client-authentication.js';
import { bySecret } from './client-secret.js';

/** RFC 6749 §2.3.1: the secret in the body, for clients that cannot send Basic. */
@Injectable()
export class ClientSecretPost implements ClientAuthenticationMethod {
  readonly name = 'client_secret_post';

  constructor(private readonly secrets: Secrets) {}

  isUsedBy({ form }: ClientRequest): boolean {
    return form['client_secret'] !== undefined;
  }

  claim({ form: { client_id: clientId, client_secret: secret = '' } }: ClientRequest): Claim {
    if (clientId === undefined) throw new DomainError('invalid_request');
    return bySecret(clientId, secret, this.secrets);
  }
}

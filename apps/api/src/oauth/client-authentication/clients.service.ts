import { Injectable } from '@nestjs/common';
import { accountOfGuesser, RateLimits } from '#access';
import { Clock } from '#clock';
import { DomainError } from '#domain';
import { organizationStands } from '../../workspace/index.js';
import { ClientReader, type ReadClient } from '../storage/client-reader.js';
import type { AuthenticatedClient, ClientAuthenticationMethod, ClientRequest } from './client-authentication.js';
import { ClientSecretBasic } from './client-secret-basic.js';
import { ClientSecretPost } from './client-secret-post.js';
import { EndedSecrets } from './ended-secrets.service.js';
import { PrivateKeyJwt } from './private-key-jwt.js';
import { SecretUse } from './secret-use.service.js';

/** Proves who calls the endpoints of OAuth. */
@Injectable()
export class Clients {
  private readonly methods: readonly ClientAuthenticationMethod[];

  constructor(
    basic: ClientSecretBasic,
    post: ClientSecretPost,
    privateKeyJwt: PrivateKeyJwt,
    private readonly reader: ClientReader,
    private readonly use: SecretUse,
    private readonly ended: EndedSecrets,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {
    this.methods = [basic, post, privateKeyJwt];
  }

  /**
   * Unknown, wrong, disabled and expired are one answer.
   * @throws invalid_request for none that can be read, or two ways at once; invalid_client; rate_limit_exceeded for who guesses
   */
  async authenticate(request: ClientRequest): Promise<AuthenticatedClient> {
    const tried = this.methods.filter((method) => method.isUsedBy(request));
    const [method, second] = tried;
    if (method === undefined) throw new DomainError('invalid_client');
    if (second !== undefined) throw new DomainError('invalid_request');
    const { clientId, isPlausible, digest, prove } = method.claim(request);
    const guesser = accountOfGuesser(clientId, request.ip);
    await this.limits.mustHaveLeft(guesser);
    const client = isPlausible ? await this.reader.find(clientId) : null;
    const now = this.clock.at(client?.database_time ?? this.clock.now());
    // Whoever is unknown is compared too, with nobody: an answer must not tell by its time what it does not say.
    const credential = await prove(client ?? NOBODY, now);
    if (client === null || credential === null || !organizationStands(client)) {
      if (isPlausible && digest !== null) this.ended.saw(digest, request.ip);
      await this.limits.mustSpend(guesser);
      throw new DomainError('invalid_client');
    }
    this.use.saw(credential, now);
    return { client, credential, now };
  }
}

/** Of its one secret nobody can name the text. */
const NOBODY: ReadClient = Object.freeze({ secrets: [{ id: 0, digest: '0'.repeat(64), expires_at: null }], jwks: [] } as unknown as ReadClient);

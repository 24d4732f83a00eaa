import { Injectable } from '@nestjs/common';
import type { Principal } from '#domain';

/** Turns one kind of credential into a principal. */
export interface Authenticator {
  /**
   * Null: not of this kind, ask the next one.
   * @throws DomainError invalid_token, token_expired, token_revoked, invalid_token_type
   */
  authenticate(credential: string): Promise<Principal | null>;
}

/** The kinds of credential that this service knows; each context brings its own. */
@Injectable()
export class Authenticators {
  private readonly known: Authenticator[] = [];

  register(authenticator: Authenticator): void {
    this.known.push(authenticator);
  }

  async authenticate(credential: string): Promise<Principal | null> {
    for (const authenticator of this.known) {
      const principal = await authenticator.authenticate(credential);
      if (principal !== null) return principal;
    }
    return null;
  }
}

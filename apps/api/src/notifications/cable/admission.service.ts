import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Authenticators } from '#access';
import { DomainError, type Principal } from '#domain';
import { Products } from '../../products/index.js';
import type { Holder } from './connection.js';
import { type DisconnectReason, tokenAmong } from './protocol.js';

/** Who may hold a socket: a person with a living session and a subscription that is active. The token alone says so, never a cookie. */
@Injectable()
export class Admission {
  constructor(
    private readonly authenticators: Authenticators,
    private readonly products: Products,
  ) {}

  /** The holder, or why there is none. */
  async admit(request: IncomingMessage): Promise<Holder | DisconnectReason> {
    const token = tokenOf(request);
    if (token === null) return 'unauthorized';
    try {
      const principal = await this.authenticators.authenticate(token);
      if (principal === null || !mayListen(principal)) return 'unauthorized';
      if (!(await this.comesFromProduct(request.headers.origin, principal))) return 'unauthorized';
      return holder(token, principal);
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Why a holder must go; null while nothing speaks against them, and while nobody can be asked. */
  async objection({ token }: Holder): Promise<DisconnectReason | null> {
    try {
      const principal = await this.authenticators.authenticate(token);
      return principal === null || !mayListen(principal) ? 'unauthorized' : null;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'server_restart') return null;
      return reason === 'token_expired' ? reason : 'remote';
    }
  }

  /** A missing Origin is fine: programs send none. */
  private async comesFromProduct(origin: string | undefined, { product }: Principal): Promise<boolean> {
    if (origin === undefined) return true;
    const { allowedOrigins } = await this.products.byId(product.id);
    return allowedOrigins.length === 0 || allowedOrigins.includes(origin);
  }
}

function mayListen({ kind, membershipId, subscription }: Principal): boolean {
  return kind === 'user' && membershipId !== null && subscription.active;
}

function holder(token: string, { credentialId, membershipId, userId, organization, product, locale, expiresAt }: Principal): Holder {
  return {
    token,
    sessionId: credentialId,
    membershipId: membershipId ?? 0,
    userId,
    organizationId: organization.id,
    productId: product.id,
    locale,
    expiresAt: expiresAt?.getTime() ?? 0,
  };
}

/** What nobody could judge is an outage: the client comes back. */
function reasonOf(error: unknown): DisconnectReason {
  if (!(error instanceof DomainError) || error.kind !== 'unauthenticated') return 'server_restart';
  return error.code === 'token_expired' ? 'token_expired' : 'unauthorized';
}

function tokenOf(request: IncomingMessage): string | null {
  const { searchParams } = new URL(request.url ?? '', 'ws://cable');
  const inQuery = searchParams.getAll('token');
  if (inQuery.length > 1) return null;
  const token = inQuery[0] ?? tokenAmong(request.headers['sec-websocket-protocol']);
  return token === null ? null : apart(token);
}

/** Of its own: a part of a text keeps the whole of it in memory, for as long as the socket lives. */
function apart(part: string): string {
  return Buffer.from(part).toString();
}

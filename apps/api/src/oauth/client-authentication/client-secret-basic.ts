import { Injectable } from '@nestjs/common';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import type { Claim, ClientAuthenticationMethod, ClientRequest } from './client-authentication.js';
import { bySecret } from './client-secret.js';

/** RFC 6749 §2.3.1: HTTP Basic, name and password percent-encoded as in a form. */
@Injectable()
export class ClientSecretBasic implements ClientAuthenticationMethod {
  readonly name = 'client_secret_basic';

  constructor(private readonly secrets: Secrets) {}

  isUsedBy({ headers }: ClientRequest): boolean {
    return headers.authorization !== undefined;
  }

  claim({ headers, form }: ClientRequest): Claim {
    const { clientId, secret } = parse(headers.authorization ?? '');
    // A form may name the client too; another one it may not (RFC 6749 §3.2.1).
    if (form['client_id'] !== undefined && form['client_id'] !== clientId) throw new DomainError('invalid_request');
    return bySecret(clientId, secret, this.secrets);
  }
}

/** @throws invalid_request */
function parse(header: string): { clientId: string; secret: string } {
  const [scheme = '', encoded, ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'basic' || encoded === undefined || rest.length > 0) throw new DomainError('invalid_request');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw new DomainError('invalid_request');
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) throw new DomainError('invalid_request');
  return { clientId: formDecoded(pair.slice(0, colon)), secret: formDecoded(pair.slice(colon + 1)) };
}

/** @throws invalid_request, for a NUL too, which no client's name holds and no database takes */
function formDecoded(text: string): string {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    if (!plain.includes('\0')) return plain;
  } catch {
    // Said below.
  }
  throw new DomainError('invalid_request');
}

import type { Request } from 'express';
import { DomainError } from '#domain';

const EXTENSION_KEY = 'ext_live_';

/**
 * The one credential of a request, or null where none was sent (RFC 6750 §2).
 * @throws malformed_request for two at once or a form that no scheme knows
 */
export function presentedCredential(request: Request): string | null {
  const authorizations = request.headersDistinct['authorization'] ?? [];
  const apiKeys = request.headersDistinct['x-kiket-api-key'] ?? [];
  const sent = authorizations.length + apiKeys.length;
  if (sent === 0) return null;
  if (sent > 1 || request.query['access_token'] !== undefined) throw new DomainError('malformed_request');
  const [apiKey] = apiKeys;
  if (apiKey !== undefined) return extensionKey(apiKey);
  return bearerToken(authorizations[0] ?? '');
}

/** That header is the extensions' own: another credential in it was put there by mistake, and may be logged as one. */
function extensionKey(header: string): string {
  if (!header.startsWith(EXTENSION_KEY)) throw new DomainError('invalid_token');
  return header;
}

function bearerToken(header: string): string {
  const [scheme = '', token, ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw new DomainError('invalid_token');
  if (token === undefined || token === '' || rest.length > 0) throw new DomainError('malformed_request');
  return token;
}

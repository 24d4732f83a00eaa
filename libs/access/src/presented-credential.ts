import type { Request } from 'express';
import { DomainError } from '#domain';

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
  if (apiKey !== undefined) return apiKey;
  return bearerToken(authorizations[0] ?? '');
}

function bearerToken(header: string): string {
  const [scheme = '', token, ...rest] = header.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw new DomainError('invalid_token');
  if (token === undefined || token === '' || rest.length > 0) throw new DomainError('malformed_request');
  return token;
}

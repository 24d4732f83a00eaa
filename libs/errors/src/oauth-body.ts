import type { DomainError, ErrorCode } from '#domain';

/** What RFC 6749 §5.2, and §4.1.2.1 for what is ours, calls a refusal; the rest keep the name that the API gives them. */
const NAMES: Partial<Record<ErrorCode, string>> = {
  malformed_request: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  payload_too_large: 'invalid_request',
  method_not_allowed: 'invalid_request',
  validation_error: 'invalid_request',
  internal_error: 'server_error',
  unavailable: 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
};

/** Whether a path speaks OAuth; the router, too, reads capitals as small letters. */
export function speaksOAuth(path: string): boolean {
  return path.toLowerCase().startsWith('/oauth/');
}

/** The error as OAuth clients read it: in English, and with nothing of what they sent. */
export function oauthBody({ code, details: { retryAfter } }: DomainError, sentence: string): object {
  return { error: NAMES[code] ?? code, error_description: sentence, ...(retryAfter !== undefined && { retry_after: retryAfter }) };
}

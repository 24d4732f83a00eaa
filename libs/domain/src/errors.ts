import type { Locale } from './locale.js';
import type { EndedCredential } from './ended-credential.js';

/** What went wrong, in the domain's own terms; one filter turns it into a protocol's status. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'absent'
  | 'method_not_allowed'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media'
  | 'invalid'
  | 'limited'
  | 'broken'
  | 'unavailable';

/** Every stable code that a client may read, and its kind. Each has a sentence in every language. */
export const ERROR_KINDS = {
  malformed_request: 'malformed',
  product_required: 'malformed',
  unknown_product: 'malformed',
  authorization_required: 'unauthenticated',
  unauthorized: 'unauthenticated',
  invalid_token: 'unauthenticated',
  token_expired: 'unauthenticated',
  token_revoked: 'unauthenticated',
  invalid_token_type: 'unauthenticated',
  subscription_inactive: 'forbidden',
  feature_disabled: 'forbidden',
  forbidden: 'forbidden',
  insufficient_scope: 'forbidden',
  not_found: 'absent',
  method_not_allowed: 'method_not_allowed',
  conflict: 'conflict',
  idempotency_conflict: 'conflict',
  payload_too_large: 'too_large',
  unsupported_media_type: 'unsupported_media',
  validation_error: 'invalid',
  unknown_scope: 'invalid',
  no_organization: 'invalid',
  invalid_reset_token: 'invalid',
  invalid_invitation: 'invalid',
  limit_reached: 'invalid',
  permissions_not_accepted: 'invalid',
  last_admin: 'invalid',
  invalid_signature: 'malformed',
  invalid_request: 'malformed',
  invalid_client: 'unauthenticated',
  unsupported_grant_type: 'malformed',
  invalid_scope: 'malformed',
  rate_limit_exceeded: 'limited',
  internal_error: 'broken',
  billing_not_configured: 'unavailable',
  overloaded: 'unavailable',
  unavailable: 'unavailable',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** Why a field's value is refused. Each has a sentence in every language; `{min}` and `{max}` come from params. */
export const FAULT_CODES = [
  'blank',
  'invalid',
  'too_short',
  'too_long',
  'too_common',
  'contains_email',
  'mismatch',
  'wrong',
  'not_a_string',
  'not_a_number',
  'not_in_list',
  'not_in_future',
  'too_large',
  'too_small',
  'not_a_list',
  'too_many',
  'unknown_scope',
  'ill_formed_text',
  'unexpected',
  'unreachable',
  'circular',
  'taken',
  'ambiguous',
  'not_accepted',
  'not_an_object',
  'not_a_boolean',
  'not_yaml',
  'too_many_bytes',
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

export interface FieldFault {
  readonly field: string;
  readonly code: FaultCode;
  readonly params?: Readonly<Record<string, string | number>>;
}

export interface ErrorDetails {
  /** Field by field, on validation errors. */
  readonly faults?: readonly FieldFault[];
  /** Seconds until another try makes sense. */
  readonly retryAfter?: number;
  readonly requiredScopes?: readonly string[];
  /** The methods that a path knows (RFC 9110 §10.2.1). */
  readonly allow?: readonly string[];
  /** The language of whoever was recognized before they were refused. */
  readonly readerLocale?: Locale;
  /** Which credential it was that works no more: for the alarm, never for the reader. */
  readonly ended?: EndedCredential;
  /** What really happened: for the log, never for the reader. */
  readonly cause?: unknown;
}

/** A refusal: a stable code for programs; the sentence for people is added where it is sent. */
export class DomainError extends Error {
  readonly kind: ErrorKind;

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
  ) {
    super(code, { cause: details.cause });
    this.name = 'DomainError';
    this.kind = ERROR_KINDS[code];
  }
}

/** The refusal of a body or query, every faulty field named. */
export function invalid(...faults: FieldFault[]): DomainError {
  return new DomainError('validation_error', { faults });
}

import type { ErrorKind } from '#domain';

/** The HTTP status of each kind of refusal. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  absent: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  invalid: 422,
  limited: 429,
  broken: 500,
  unavailable: 503,
};

import { HttpException } from '@nestjs/common';
import { DomainError } from '#domain';
import { isOutage } from './outage.js';

/** Any error as a refusal: ours as they are, the framework's by their status, an outage as 503, the rest as 500 with the cause for the log. */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof HttpException) return fromFramework(error);
  if (isOutage(error)) return new DomainError('unavailable', { retryAfter: 1, cause: error });
  // The router's own: a path that does not decode.
  if (error instanceof URIError) return new DomainError('malformed_request', { cause: error });
  return new DomainError('internal_error', { cause: error });
}

function fromFramework(error: HttpException): DomainError {
  const status = error.getStatus();
  if (status === 404) return new DomainError('not_found');
  if (status >= 500) return new DomainError('internal_error', { cause: error });
  return new DomainError('malformed_request', { cause: error });
}

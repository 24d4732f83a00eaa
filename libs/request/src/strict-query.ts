import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { DomainError } from '#domain';

const MOST_PARAMETERS = 100;

/** A query names each parameter once, in plain percent-encoded UTF-8: no arrays, no objects, no second opinion (400, once it is known who is asking). */
export const strictQuery: RequestHandler = (request: Request, _response: Response, next: NextFunction) => {
  const start = request.url.indexOf('?');
  if (start >= 0 && !isPlain(request.url.slice(start + 1))) request.context.fault ??= new DomainError('malformed_request');
  next();
};

function isPlain(query: string): boolean {
  const pairs = query.split('&');
  if (pairs.length > MOST_PARAMETERS) return false;
  const names = new Set<string>();
  for (const pair of pairs) {
    if (pair === '') continue;
    const [name, ...value] = pair.split('=').map(decoded);
    if (name === undefined || value.includes(undefined)) return false;
    if (names.has(name) || /[[\]]/.test(name)) return false;
    names.add(name);
  }
  return true;
}

function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    return plain.includes('\0') ? undefined : plain;
  } catch {
    return undefined;
  }
}

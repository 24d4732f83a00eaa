import { type NextFunction, type Request, type RequestHandler, type Response, raw } from 'express';
import { DomainError, invalid } from '#domain';

const LIMIT_BYTES = 100 * 1024;
const DEPTH = 32;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const POLLUTING = new Set(['__proto__', 'constructor', 'prototype']);

const readBytes = raw({ type: () => true, limit: LIMIT_BYTES, inflate: false });

/**
 * Reads a JSON object of at most 100 KB in UTF-8: what is anything else is refused before a controller sees it, but after it
 * is known who is asking.
 */
export const strictBody: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  // A form was read already, where one is due.
  if (request.body !== undefined) return next();
  const answer = (fault?: DomainError): void => {
    if (fault !== undefined) request.context.fault ??= fault;
    if (fault !== undefined || request.body === undefined) request.body = {};
    next();
  };
  if (!hasBody(request)) return answer();
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return answer(new DomainError('unsupported_media_type'));
  // Said at once, and not when all of it has come.
  if (Number(request.headers['content-length'] ?? 0) > LIMIT_BYTES) return answer(new DomainError('payload_too_large'));
  readBytes(request, response, (error?: unknown) => answer(error === undefined ? faultOf(request) : refusalOf(error)));
};

/** What is wrong with the bytes that were read; the body is parsed where nothing is. */
function faultOf(request: Request): DomainError | undefined {
  try {
    request.body = parse(request.body as Buffer | undefined);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof DomainError) return refusal;
    throw refusal;
  }
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

/** body-parser's faults, by the status that it gives them. */
export function refusalOf(error: unknown): DomainError {
  const status = (error as { status?: unknown }).status;
  if (status === 413) return new DomainError('payload_too_large');
  return new DomainError(status === 415 ? 'unsupported_media_type' : 'malformed_request', { cause: error });
}

function parse(bytes: Buffer | undefined): unknown {
  const body = decode(bytes ?? Buffer.alloc(0));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new DomainError('malformed_request');
  inspect(body);
  return body;
}

function decode(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new DomainError('malformed_request', { cause: error });
  }
}

/**
 * Refuses what would do harm further in: what pollutes prototypes, what no database keeps, what is too deep. Walks without
 * recursion, since depth is the attacker's choice.
 * @throws validation_error, malformed_request
 */
export function inspect(body: unknown, at = ''): void {
  const open: { value: unknown; path: string; depth: number }[] = [{ value: body, path: at, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') assertStorable(value, path);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEPTH) throw new DomainError('malformed_request');
    for (const [key, member] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      assertStorable(key, path);
      if (POLLUTING.has(key)) throw invalid({ field: inner, code: 'unexpected' });
      open.push({ value: member, path: inner, depth: depth + 1 });
    }
  }
}

/** PostgreSQL keeps no NUL, and a lone surrogate has no UTF-8: two different texts would become one. */
function assertStorable(text: string, field: string): void {
  if (text.includes('\0') || !text.isWellFormed()) throw invalid({ field, code: 'ill_formed_text' });
}

import { type NextFunction, type Request, type RequestHandler, type Response, raw } from 'express';
import { DomainError } from '#domain';

const LIMIT_BYTES = 100 * 1024;
const MOST_PARAMETERS = 100;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

const readBytes = raw({ type: () => true, limit: LIMIT_BYTES, inflate: false });

/**
 * Reads a form of at most 100 KB in UTF-8, each parameter at most once; one without a value counts as left out
 * (RFC 6749 §3.2). For the endpoints of OAuth, which take nothing else.
 */
export const strictForm: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  if (request.method !== 'POST') return next();
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) return next(new DomainError('unsupported_media_type'));
  if (Number(request.headers['content-length'] ?? 0) > LIMIT_BYTES) return next(new DomainError('payload_too_large'));
  readBytes(request, response, (error?: unknown) => {
    if (error !== undefined) return next(new DomainError((error as { status?: unknown }).status === 413 ? 'payload_too_large' : 'malformed_request', { cause: error }));
    try {
      request.body = parse(request.body as Buffer | undefined);
      next();
    } catch (refusal) {
      next(refusal);
    }
  });
};

/** @throws malformed_request */
function parse(bytes: Buffer | undefined): Record<string, string> {
  const pairs = text(bytes ?? Buffer.alloc(0)).split('&').filter((pair) => pair !== '');
  if (pairs.length > MOST_PARAMETERS) throw new DomainError('malformed_request');
  const names = new Set<string>();
  const form: [string, string][] = [];
  for (const pair of pairs) {
    const [name = '', value = ''] = split(pair).map(decoded);
    // A list has no meaning here: dropped, it would ask for everything.
    if (names.has(name) || /[[\]]/.test(name)) throw new DomainError('malformed_request');
    names.add(name);
    if (value !== '') form.push([name, value]);
  }
  // From entries, since a caller may call a parameter `__proto__`.
  return Object.fromEntries(form);
}

function text(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new DomainError('malformed_request', { cause: error });
  }
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function decoded(part: string): string {
  try {
    const plain = decodeURIComponent(part.replaceAll('+', ' '));
    if (!plain.includes('\0')) return plain;
  } catch {
    // Said below.
  }
  throw new DomainError('malformed_request');
}

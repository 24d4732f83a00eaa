import type { RequestHandler } from 'express';
import { FALLBACK_LOCALE, type RequestContext } from '#domain';
import { explicitLocale } from '#locale';
import type { Secrets } from '#secrets';
import { insideRequest } from './request-scope.js';

const CALLERS_ID = /^[A-Za-z0-9._-]{1,128}$/;
const USER_AGENT_KEPT = 512;
/** A socket that listens on IPv6 and IPv4 writes the latter so. */
const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

declare module 'express-serve-static-core' {
  interface Request {
    context: RequestContext;
  }
}

/** Gives every request its id, its language and its scope, before anything else can fail. */
export function openRequest(secrets: Secrets): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const context: RequestContext = {
      id: typeof given === 'string' && CALLERS_ID.test(given) ? given : secrets.randomId(),
      ip: request.ip?.replace(MAPPED_IPV4, '') ?? 'unknown',
      userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_KEPT) ?? null,
      explicitLocale: explicitLocale({
        query: localeParameter(request.url),
        acceptLanguage: request.headers['accept-language'],
      }),
    };
    request.context = context;
    response.setHeader('X-Request-Id', context.id);
    response.setHeader('Content-Language', context.explicitLocale ?? FALLBACK_LOCALE);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Nearly all that is answered is somebody's own; what may be kept says so itself.
    response.setHeader('Cache-Control', 'no-store');
    insideRequest(context, next);
  };
}

function localeParameter(url: string): string | undefined {
  const query = url.indexOf('?');
  if (query < 0 || !url.includes('locale=', query)) return undefined;
  return new URLSearchParams(url.slice(query + 1)).get('locale') ?? undefined;
}

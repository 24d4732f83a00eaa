import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** A segment that long may be a secret that was put in the wrong place: it is told by its beginning alone. */
const LONG_SEGMENT = /([^/]{13})[^/]{28,}/g;

/** One line a request when it is over. The query is left out: it may carry what is nobody's business. */
export function accessLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const begun = performance.now();
    response.once('close', () => {
      const { id, principal } = request.context;
      log.info({
        request_id: id,
        method: request.method,
        path: request.path.replace(LONG_SEGMENT, '$1…'),
        status: response.statusCode,
        ms: Math.round((performance.now() - begun) * 10) / 10,
        ...(principal !== undefined && { credential: principal.kind, credential_id: principal.credentialId, organization_id: principal.organization.id }),
        ...(!response.writableFinished && { aborted: true }),
      });
    });
    next();
  };
}

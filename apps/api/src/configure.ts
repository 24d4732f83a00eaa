import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { Config } from '#config';
import { Translator } from '#locale';
import { openRequest, ProductDirectory, signedBody, strictBody, strictForm, strictQuery } from '#request';
import { Secrets } from '#secrets';
import { accessLog } from './access-log.js';
import { answerBrokenRequests } from './broken-requests.js';
import { CableAdapter } from './notifications/index.js';
import { serveDocs } from './openapi-document.js';

const EXPOSED = [
  'X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'Retry-After', 'X-Token-Expires-At', 'Content-Language',
];
const PREFLIGHT_SECONDS = 600;

/** What every request passes before its route, in this order. */
export function configure(app: NestExpressApplication, log: Logger): void {
  const config = app.get(Config);
  const products = app.get(ProductDirectory);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...config.trustProxy]);
  app.use(openRequest(app.get(Secrets)));
  app.use(accessLog(log));
  // A cache must not hand out to one origin what it kept for another.
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.vary('Origin');
    next();
  });
  app.enableCors({
    // Out of the database's reach no origin is known; the request itself then says what is wrong.
    origin: (origin: string | undefined, decide: (error: null, allowed: boolean) => void) => {
      if (origin === undefined) return decide(null, false);
      void products.allowsOrigin(origin).then(
        (allowed) => decide(null, allowed),
        () => decide(null, false),
      );
    },
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
  app.use(strictQuery);
  app.use('/oauth', strictForm);
  app.use('/api/v1/billing/stripe_webhook', signedBody);
  app.use('/security_alerts/confirm', strictForm);
  app.use(strictBody);
  app.useWebSocketAdapter(new CableAdapter(app));
  serveDocs(app);
  answerBrokenRequests(app.getHttpServer() as Server, app.get(Secrets), app.get(Translator));
}

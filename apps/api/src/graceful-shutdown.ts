import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Readiness } from './health/index.js';

/** How long a load balancer may go on sending after readiness turned. */
const NOTICE_MS = 500;
/** What is still under way then is cut off. */
const PATIENCE_MS = 7_000;

/** Turns readiness off, serves what is under way to its end, and closes everything behind it. */
export async function shutDown(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  app.get(Readiness).drain();
  await new Promise((resolve) => setTimeout(resolve, NOTICE_MS));
  await closed(server);
  await app.close();
}

async function closed(server: Server): Promise<void> {
  const cutOff = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  // A connection that is kept alive closes when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cutOff);
  clearInterval(sweep);
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Readiness } from './health/index.js';
import { Connections } from './notifications/index.js';

/** How long a load balancer may go on sending after readiness turned. */
const NOTICE_MS = 1_000;
/** How long we go on accepting what has knocked by then. */
const BACKLOG_MS = 2_000;
/** What is still under way then is cut off. */
const PATIENCE_MS = 5_500;

/** Turns readiness off, serves what is under way to its end, and closes everything behind it. */
export async function shutDown(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  app.get(Readiness).drain();
  // Whoever keeps a connection alive is told to leave it, and does not send into a closing one.
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => response.setHeader('Connection', 'close'));
  await new Promise((resolve) => setTimeout(resolve, NOTICE_MS));
  await backlogTaken(server);
  app.get(Connections, { strict: false }).endAll();
  await closed(server);
  await app.close();
}

/**
 * A busy process accepts one connection a turn, and closing the door resets those that wait before it. The kernel hands
 * them out in the order in which they came: once our own is through, so is every earlier one.
 */
async function backlogTaken(server: Server): Promise<void> {
  const { address, port } = server.address() as AddressInfo;
  const own = connect(port, address.replace(/^::$/, '::1').replace(/^0\.0\.0\.0$/, '127.0.0.1'));
  await new Promise<void>((resolve) => {
    server.on('connection', ({ remotePort }: Socket) => {
      if (remotePort === own.localPort) resolve();
    });
    own.setTimeout(BACKLOG_MS, resolve).on('error', () => resolve());
  });
  own.destroy();
}

async function closed(server: Server): Promise<void> {
  const cutOff = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  // A connection that is kept alive closes when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cutOff);
  clearInterval(sweep);
}

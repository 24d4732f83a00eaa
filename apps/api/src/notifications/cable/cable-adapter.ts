import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';

/** Nest's sockets without its message routing, which knows events and not Action Cable's commands, and costs memory a connection. */
export class CableAdapter extends WsAdapter {
  constructor(app: INestApplicationContext) {
    super(app);
    const server = this.httpServer as Server;
    // What is no handshake is answered as any other request: Node hands over whatever offers an upgrade, HTTP/2 too.
    Object.assign(server, { shouldUpgradeCallback: isHandshake });
    // Whoever resets a connection that is being refused would end the process.
    server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => socket.on('error', () => undefined));
  }

  override bindMessageHandlers(): void {
    // The gateway listens by itself.
  }

  override bindClientDisconnect(): void {
    // So it does here.
  }

  /** A broken frame is its sender's affair: without a listener it would end the process, and with a log line it could fill a disk. */
  override bindErrorHandler(server: WebSocketServer): WebSocketServer {
    server.on('connection', (socket: WebSocket) => socket.on('error', () => undefined));
    server.on('error', (error: Error) => this.logger.error(error));
    return server;
  }
}

/** Only version 13 (RFC 6455 §4.1), and an address that can be read. */
function isHandshake({ url = '', headers: { host, upgrade, 'sec-websocket-version': version } }: IncomingMessage): boolean {
  return upgrade?.toLowerCase() === 'websocket' && version === '13' && url.split('?', 1)[0] === '/cable' && URL.canParse(url, `ws://${host}/`);
}

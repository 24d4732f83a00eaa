import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';

/** Nest's sockets without its message routing, which knows events and not Action Cable's commands, and costs memory a connection. */
export class CableAdapter extends WsAdapter {
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

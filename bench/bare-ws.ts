import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** The peer of the cable bench: `ws` and nothing else. It sends what it is told over IPC to everybody who is connected. */
const server = createServer((_request, response) => response.end());
const sockets = new Set<WebSocket>();
new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false }).on('connection', (socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', () => undefined);
  socket.send('{"type":"welcome"}');
});
server.listen(Number(process.env['PORT']), '127.0.0.1');

process.on('message', ({ frame }: { frame: string }) => {
  for (const socket of sockets) socket.send(frame);
});
process.on('SIGTERM', () => process.exit(0));

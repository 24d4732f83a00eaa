import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** The peer of the cable bench: `ws` and nothing else. It sends what it is told over IPC, so many times to so many. */
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

process.on('message', ({ frame, connections, times }: { frame: string; connections: number; times: number }) => {
  const chosen = [...sockets].slice(0, connections);
  for (let time = 0; time < times; time += 1) for (const socket of chosen) socket.send(frame);
});
process.on('SIGTERM', () => process.exit(0));

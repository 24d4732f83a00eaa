import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way to the mail server: a door that can be shut. */
export class Door {
  private server: Server | undefined;
  private readonly passing = new Set<Socket>();
  port = 0;

  async open(toPort: () => number): Promise<void> {
    const server = createServer((client) => {
      const mail = connect(toPort(), '127.0.0.1');
      for (const socket of [client, mail]) {
        this.passing.add(socket);
        socket.on('error', () => undefined);
      }
      client.pipe(mail).pipe(client);
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async shut(): Promise<void> {
    for (const socket of this.passing) socket.destroy();
    this.passing.clear();
    const { server } = this;
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
    this.server = undefined;
  }
}

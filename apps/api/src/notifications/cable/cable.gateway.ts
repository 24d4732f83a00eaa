import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { RawData, WebSocket } from 'ws';
import { Secrets } from '#secrets';
import { Admission } from './admission.service.js';
import { parseCommand } from './commands.js';
import { Connection, type Holder, POLICY_VIOLATION } from './connection.js';
import { Connections } from './connections.service.js';
import { chosenSubprotocol, protocolOf } from './protocol.js';
import { Resumptions } from './resumptions.service.js';
import { Streams } from './streams.service.js';
import { Subscriptions } from './subscriptions.service.js';

const LARGEST_FRAME_BYTES = 64 * 1024;
/** Who does not answer a close is not waited for: a service that stops ends with its last connection. */
const FAREWELL_MS = 3_000;
const MOST_COMMANDS = 100;
const COMMANDS_WINDOW_MS = 10_000;

/** The socket at /cable: Action Cable's protocols, for a member's own notifications and nothing else. */
@WebSocketGateway({
  path: '/cable',
  maxPayload: LARGEST_FRAME_BYTES,
  perMessageDeflate: false,
  closeTimeout: FAREWELL_MS,
  // Our own limits end whoever sends too much; a broken frame ends its connection.
  clientTracking: false,
  handleProtocols: (offered: Set<string>) => chosenSubprotocol(offered),
})
export class CableGateway implements OnGatewayConnection {
  private readonly logger = new Logger(CableGateway.name);
  private readonly instance: string;
  private opened = 0;

  constructor(
    private readonly admission: Admission,
    private readonly connections: Connections,
    private readonly streams: Streams,
    private readonly subscriptions: Subscriptions,
    private readonly resumptions: Resumptions,
    secrets: Secrets,
  ) {
    this.instance = secrets.randomId();
  }

  /** Listens at once, since clients speak as soon as the socket is open; what they say waits until it is known who they are. */
  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    this.opened += 1;
    const connection = this.listen(socket, request.socket);
    connection.next(async () => this.guarded(connection, async () => this.welcome(connection, request)));
  }

  /** Apart from the request, which would live as long as these listeners do. */
  private listen(socket: WebSocket, wire: Duplex): Connection {
    const connection = new Connection(`${this.instance}.${this.opened}`, socket, wire, protocolOf(socket.protocol));
    socket.on('message', (data: RawData, isBinary: boolean) => this.hear(connection, data, isBinary));
    // Each is answered, and by whoever reads nothing never taken: they count as commands do.
    socket.on('ping', () => this.isWithinLimits(connection));
    socket.on('close', () => this.leave(connection));
    return connection;
  }

  private hear(connection: Connection, data: RawData, isBinary: boolean): void {
    if (!this.isWithinLimits(connection)) return;
    const command = isBinary ? null : parseCommand(String(data));
    if (command !== null) connection.next(async () => this.guarded(connection, async () => this.subscriptions.handle(connection, command)));
  }

  /** Ends whoever sends too much. */
  private isWithinLimits(connection: Connection): boolean {
    if (connection.isEnded) return false;
    const isWithin = connection.admits(performance.now(), MOST_COMMANDS, COMMANDS_WINDOW_MS);
    if (!isWithin) connection.close(POLICY_VIOLATION);
    return isWithin;
  }

  private async welcome(connection: Connection, request: IncomingMessage): Promise<void> {
    const { heard } = this.connections;
    const admitted = await this.admission.admit(request);
    if (typeof admitted === 'string') return connection.disconnect(admitted);
    if (connection.isEnded || connection.socket.readyState !== connection.socket.OPEN) return;
    connection.holder = admitted;
    connection.send(JSON.stringify({ type: 'welcome', ...(connection.protocol === 'ext' && (await this.resumed(connection, admitted, request))) }));
    // Nothing comes before the welcome, no ping either; what was heard of their standing meanwhile is judged now.
    if (!connection.isEnded) this.connections.add(connection, heard);
  }

  /** What an extended client is welcomed with: its new id, and what it need not subscribe to again. */
  private async resumed(connection: Connection, { membershipId }: Holder, request: IncomingMessage): Promise<object> {
    const former = await this.resumptions.find(restoreSid(request), membershipId);
    connection.sid = this.resumptions.newSid();
    if (former === null) return { sid: connection.sid };
    const restoredIds = await this.subscriptions.restore(connection, former);
    await this.resumptions.remember(connection);
    return { sid: connection.sid, restored: true, restored_ids: restoredIds };
  }

  /** Where the database cannot be asked, the client comes back. */
  private async guarded(connection: Connection, work: () => Promise<void>): Promise<void> {
    if (connection.isEnded) return;
    try {
      await work();
    } catch (error) {
      this.logger.warn({ msg: 'a socket was ended', reason: String(error) });
      connection.disconnect('server_restart');
    }
  }

  private leave(connection: Connection): void {
    connection.isEnded = true;
    this.streams.leave(connection);
    this.connections.remove(connection);
  }
}

/** AnyCable's clients put it into the query or into a header. */
function restoreSid(request: IncomingMessage): string | null {
  const header = request.headers['x-anycable-restore-sid'];
  if (typeof header === 'string') return header;
  return new URL(request.url ?? '', 'ws://cable').searchParams.get('sid');
}

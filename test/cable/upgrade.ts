import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Upgrade {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Bytes in both directions, where the server agreed. */
  readonly socket: Duplex | null;
}

const ASKED = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const alive = new Set<Duplex>();

/** For what a test left open: an instance waits for its sockets. */
export function dropUpgraded(): void {
  for (const socket of alive) socket.destroy();
  alive.clear();
}

/** A handshake byte for byte as given: no WebSocket client judges the answer. An undefined header is left out. */
export async function upgrade(base: string, path: string, headers: Readonly<Record<string, string | undefined>> = {}, method = 'GET'): Promise<Upgrade> {
  const given = Object.entries({ ...ASKED, ...headers }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const asked = request({ hostname, port, path, method, agent: false, headers: Object.fromEntries(given) });
    asked.on('upgrade', ({ statusCode = 0, headers: answered }: IncomingMessage, socket) => {
      alive.add(socket.on('error', () => undefined));
      resolve({ status: statusCode, headers: answered, body: '', socket });
    });
    asked.on('response', (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body, socket: null }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

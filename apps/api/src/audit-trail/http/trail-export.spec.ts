import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Request, Response } from 'express';
import type { NamedEvent } from '../domain/trail-event.js';
import { NDJSON, sendExport } from './trail-export.js';

const BATCHES = 400;

/** A batch of some 200 KB. */
const batch = Array.from({ length: 200 }, () => ({ id: 1, user_agent: 'x'.repeat(900), occurred_at: new Date(0) }) as NamedEvent);

let server: Server;
let read: number;
let ended: Promise<void>;
let failure: unknown;
beforeEach(async () => {
  read = 0;
  failure = undefined;
  let end: () => void = () => undefined;
  ended = new Promise((resolve) => (end = resolve));
  async function* batches(): AsyncGenerator<readonly NamedEvent[]> {
    try {
      for (; read < BATCHES; read += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        yield batch;
      }
    } finally {
      end();
    }
  }
  server = createServer((request, response) => {
    sendExport(batches(), NDJSON, request as Request, response as Response).catch((error: unknown) => (failure = error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const pause = async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function client(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  return socket;
}

it('reads no further than its client takes', async () => {
  const socket = await client();
  await pause(300);
  const stalled = read;
  await pause(300);
  expect(read).toBe(stalled);
  // What the kernel's buffers hold, and no more.
  expect(read).toBeLessThan(BATCHES / 4);
  socket.resume();
  await ended;
  expect(read).toBe(BATCHES);
});

it('stops reading when its client goes away, and that is no failure', async () => {
  const socket = await client();
  socket.destroy();
  await ended;
  await pause(20);
  expect(read).toBeLessThan(BATCHES / 2);
  expect(failure).toBeUndefined();
});

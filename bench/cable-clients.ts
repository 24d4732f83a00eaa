import { WebSocket } from 'ws';

/** Many clients in one process: connects to the URLs that it is told, and says over IPC when all are there and when all were told something. */
interface Order {
  readonly urls?: readonly string[];
  readonly subscribe?: string;
  /** How many frames of news to count before reporting. */
  readonly expect?: number;
}

const AT_ONCE = 50;
const NEWS = Buffer.from('new_notification');

const sockets: WebSocket[] = [];
let expected = 0;

async function open(url: string, subscribe: string | undefined): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      if (data.includes(NEWS)) return count();
      if (data.includes('"welcome"')) {
        if (subscribe === undefined) resolve();
        else socket.send(subscribe);
      } else if (data.includes('confirm_subscription')) resolve();
      else if (data.includes('"disconnect"')) reject(new Error(String(data)));
    });
  });
}

function count(): void {
  expected -= 1;
  if (expected === 0) process.send?.({ told: performance.timeOrigin + performance.now() });
}

async function obey({ urls, subscribe, expect }: Order): Promise<void> {
  if (expect !== undefined) expected = expect;
  if (urls === undefined) return void process.send?.({ ready: true });
  const waiting = [...urls];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) await open(url, subscribe);
    }),
  );
  process.send?.({ ready: true });
}

process.on('message', (order: Order) => void obey(order).catch((error: unknown) => process.send?.({ failed: String(error) })));

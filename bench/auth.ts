import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import bcrypt from 'bcrypt';
import { Server } from './server.js';

const SECONDS = 8;
const CONNECTIONS = 20;
const ROUNDS = 2;
const JSON_HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'spravce-gdpr' };
const CREDENTIALS = { email: 'bench@acme.cz', password: 'SecurePass123!' };

interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Requests per second of /auth/me and of refresh beside a bare Nest route; logins per second beside bare bcrypt. One run, alternating. */
export async function benchAuth(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const service = await Server.start('dist/apps/api/src/main.js', 3911, '/health/ready', { DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
  const bare = await Server.start('dist/bench/bare-nest.js', 3912, '/bare');
  try {
    const { access_token } = await register(service.base);
    const me = () => cannon({ url: `${service.base}/api/v1/auth/me`, headers: { authorization: `Bearer ${access_token}` } });
    const bareGet = () => cannon({ url: `${bare.base}/bare` });
    const barePost = () => cannon({ url: `${bare.base}/bare`, method: 'POST', headers: JSON_HEADERS, body: JSON.stringify({ refresh_token: 'x'.repeat(480) }) });
    await print('GET /api/v1/auth/me', me, 'a bare Nest GET', bareGet);
    await print('POST /api/v1/auth/refresh', () => refreshes(service.base), 'a bare Nest POST', barePost);
    await print('POST /api/v1/auth/login', () => logins(service.base), `bcrypt alone, cost 12, ${availableParallelism()} at once`, hashes);
  } finally {
    await Promise.all([service.stop(), bare.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Takes turns, so that a busy neighbour slows both; prints the rates and their ratio. */
async function print(name: string, ours: () => Promise<number>, peerName: string, peer: () => Promise<number>): Promise<void> {
  const rates = { ours: 0, peer: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours += (await ours()) / ROUNDS;
    rates.peer += (await peer()) / ROUNDS;
  }
  console.log(`${name.padEnd(28)} ${rates.ours.toFixed(1).padStart(9)}/s   ${peerName}: ${rates.peer.toFixed(1)}/s   ratio ${(rates.ours / rates.peer).toFixed(2)}`);
}

async function cannon(options: autocannon.Options): Promise<number> {
  const result = await autocannon({ connections: CONNECTIONS, duration: SECONDS, ...options });
  if (result.non2xx + result.errors + result.timeouts > 0) {
    throw new Error(`${options.url}: ${result.non2xx} refused, ${result.errors} failed, ${result.timeouts} timed out`);
  }
  return result['2xx'] / result.duration;
}

/** Each connection is one session, whose next refresh brings what the last one got. */
async function refreshes(base: string): Promise<number> {
  const pairs: Pair[] = [];
  for (let session = 0; session < CONNECTIONS; session += 1) pairs.push(await login(base));
  return cannon({
    url: `${base}/api/v1/auth/refresh`,
    method: 'POST',
    headers: JSON_HEADERS,
    setupClient: (client) => {
      const carry = ({ refresh_token }: Pair) => client.setBody(JSON.stringify({ refresh_token }));
      carry(pairs.pop() as Pair);
      client.on('body', (body: Buffer) => carry(JSON.parse(body.toString()) as Pair));
    },
  });
}

async function logins(base: string): Promise<number> {
  return cannon({
    url: `${base}/api/v1/auth/login`,
    method: 'POST',
    headers: JSON_HEADERS,
    body: JSON.stringify(CREDENTIALS),
    connections: availableParallelism() + 1,
  });
}

async function hashes(): Promise<number> {
  const end = performance.now() + SECONDS * 1000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await bcrypt.hash(CREDENTIALS.password, 12);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return done / SECONDS;
}

async function register(base: string): Promise<Pair> {
  return post(`${base}/api/v1/auth/register`, { ...CREDENTIALS, name: 'Bench', organization_name: 'Bench' });
}

async function login(base: string): Promise<Pair> {
  return post(`${base}/api/v1/auth/login`, CREDENTIALS);
}

async function post(url: string, body: object): Promise<Pair> {
  const answer = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Pair;
}

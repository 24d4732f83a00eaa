import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import autocannon from 'autocannon';
import { Server } from './server.js';

const SECONDS = 60;
const AT_ONCE = 200;
const READERS = 4;
const READS_PER_SECOND = 40;
const HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'spravce-gdpr' };
const CREDENTIALS = { email: 'bench@acme.cz', password: 'SecurePass123!' };

/**
 * Two hundred clients who log in for a minute: how soon the refused are refused, how reading fares meanwhile, and how late
 * the service's event loop is. First each comes back after the second that it was told to wait, then at once.
 */
export async function benchLoginStorm(): Promise<void> {
  for (const patient of [true, false]) {
    console.log(`${AT_ONCE} at once, ${patient ? 'each back after a second' : 'each back at once'} (load average ${loadavg()[0]?.toFixed(1)})`);
    await storm(patient);
  }
}

async function storm(patient: boolean): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const lag = pathToFileURL(resolve('dist/bench/event-loop-lag.js')).href;
  const service = await Server.start('dist/apps/api/src/main.js', 3913, '/health/ready', { DATA_DIR: dataDir, LOG_LEVEL: 'warn', NODE_OPTIONS: `--import=${lag}` });
  try {
    const token = await register(service.base);
    const [, reads] = await Promise.all([logins(service.base, patient), read(service.base, token)]);
    console.log(`GET /api/v1/auth/me         p50 ${reads.latency.p50} ms   p99 ${reads.latency.p99} ms   max ${reads.latency.max} ms   ${reads['2xx']} answered, ${reads.non2xx + reads.errors + reads.timeouts} failed`);
  } finally {
    await service.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Out of this thread, which is busy with the storm. */
async function read(base: string, token: string): Promise<autocannon.Result> {
  return autocannon({
    url: `${base}/api/v1/auth/me`,
    headers: { authorization: `Bearer ${token}` },
    connections: READERS,
    overallRate: READS_PER_SECOND,
    duration: SECONDS,
    workers: 1,
  });
}

async function logins(base: string, patient: boolean): Promise<void> {
  const times = new Map<number, number[]>();
  const options: autocannon.Options = {
    url: `${base}/api/v1/auth/login`,
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify(CREDENTIALS),
    connections: AT_ONCE,
    duration: SECONDS,
    ...(patient && { connectionRate: 1 }),
  };
  const run = autocannon(options, () => undefined);
  run.on('response', (_client, status, _bytes, milliseconds) => {
    const known = times.get(status);
    if (known === undefined) times.set(status, [milliseconds]);
    else known.push(milliseconds);
  });
  await once(run, 'done');
  for (const [status, all] of times) console.log(`POST /auth/login, ${status}       ${spread(all)}`);
}

function spread(times: number[]): string {
  const sorted = times.sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   max ${at(1)} ms   ${sorted.length} answered`;
}

async function register(base: string): Promise<string> {
  const answer = await fetch(`${base}/api/v1/auth/register`, { method: 'POST', headers: HEADERS, body: JSON.stringify({ ...CREDENTIALS, name: 'Bench', organization_name: 'Bench' }) });
  if (!answer.ok) throw new Error(`register: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server } from './server.js';

/** `node dist/bench/login-timing.js`: whether the time of a refused login tells why it was refused. Minutes: every try is a real hash. */

const TRIES = 400;
/** A hundred failures lock an account for everybody. */
const TRIES_PER_ACCOUNT = 80;
const PASSWORD = 'SecurePass123!';
const HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'spravce-gdpr' };
const KINDS = ['wrong password', 'unknown email', 'disabled user'] as const;

type Kind = (typeof KINDS)[number];

const dataDir = mkdtempSync(join(tmpdir(), 'kiket-timing-'));
const env = { DATA_DIR: dataDir, LOG_LEVEL: 'warn', TRUST_PROXY: '127.0.0.1' };
const service = await Server.start('dist/apps/api/src/main.js', 3913, '/health/ready', env);
try {
  await prepare();
  print(await measure());
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Interleaved, so that a busy neighbour slows all kinds alike; milliseconds of each try. */
async function measure(): Promise<Map<Kind, number[]>> {
  const times = new Map(KINDS.map((kind) => [kind, [] as number[]]));
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    for (const kind of rotated(attempt)) times.get(kind)?.push(await login(kind, attempt));
  }
  return times;
}

/** No kind is always the first of its round. */
function rotated(attempt: number): Kind[] {
  const first = attempt % KINDS.length;
  return [...KINDS.slice(first), ...KINDS.slice(0, first)];
}

/** Each try from an address of its own, so that no lockout answers in its place. */
async function login(kind: Kind, attempt: number): Promise<number> {
  const address = `10.${KINDS.indexOf(kind)}.${attempt >> 8}.${attempt & 255}`;
  const body = JSON.stringify({ email: emailOf(kind, attempt), password: kind === 'disabled user' ? PASSWORD : `${PASSWORD}x` });
  const begun = performance.now();
  const answer = await fetch(`${service.base}/api/v1/auth/login`, { method: 'POST', headers: { ...HEADERS, 'x-forwarded-for': address }, body });
  await answer.text();
  const elapsed = performance.now() - begun;
  if (answer.status !== 401) throw new Error(`${kind}: ${answer.status}`);
  return elapsed;
}

function emailOf(kind: Kind, attempt: number): string {
  return `${kind.replace(' ', '.')}.${Math.floor(attempt / TRIES_PER_ACCOUNT)}@acme.cz`;
}

async function prepare(): Promise<void> {
  for (const kind of KINDS.filter((one) => one !== 'unknown email')) {
    for (let attempt = 0; attempt < TRIES; attempt += TRIES_PER_ACCOUNT) {
      const email = emailOf(kind, attempt);
      const body = JSON.stringify({ email, password: PASSWORD, name: 'Bench', organization_name: 'Bench' });
      const answer = await fetch(`${service.base}/api/v1/auth/register`, { method: 'POST', headers: HEADERS, body });
      if (answer.status !== 201) throw new Error(`register: ${answer.status} ${await answer.text()}`);
      if (kind === 'disabled user') await promisify(execFile)(process.execPath, ['dist/apps/api/src/admin.js', 'users:disable', email], { env: { ...process.env, ...env } });
    }
  }
}

function print(times: Map<Kind, number[]>): void {
  const medians = [...times].map(([kind, all]) => [kind, median(all)] as const);
  const least = Math.min(...medians.map(([, time]) => time));
  for (const [kind, time] of medians) {
    console.log(`${kind.padEnd(16)} median ${time.toFixed(1)} ms of ${TRIES}   ${((time / least - 1) * 100).toFixed(2)} % above the least`);
  }
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((one, other) => one - other);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server } from './server.js';

/** `node dist/bench/oauth-timing.js`: whether the time of a refused client tells why it was refused. */

const TRIES = 400;
/** Until the paths are compiled and the statements planned. */
const WARM_UP = 100;
const HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'kiket' };
/** Whoever guesses tries the same with each client: a secret that could be one of ours, one that could not, a key. */
const GROUPS = [
  ['unknown client', 'wrong secret', 'deleted application', 'suspended organization'],
  ['unknown client, no secret of ours', 'wrong secret, none of ours'],
  ['unknown client, by a key', 'wrong key'],
] as const;

type Kind = (typeof GROUPS)[number][number];

const KINDS: readonly Kind[] = GROUPS.flat();

interface Credentials {
  readonly id: string;
  /** Or the key that it signs with. */
  readonly secret: string | KeyObject;
}

const dataDir = mkdtempSync(join(tmpdir(), 'kiket-timing-'));
const env = { DATA_DIR: dataDir, LOG_LEVEL: 'warn', TRUST_PROXY: '127.0.0.1' };
const service = await Server.start('dist/apps/api/src/main.js', 3920, '/health/ready', env);
try {
  print(await measure(await prepare()));
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Interleaved, so that a busy neighbour slows all kinds alike; milliseconds of each try. */
async function measure(clients: Readonly<Record<Kind, Credentials>>): Promise<Map<Kind, number[]>> {
  const times = new Map(KINDS.map((kind) => [kind, [] as number[]]));
  for (let attempt = -WARM_UP; attempt < TRIES; attempt += 1) {
    for (const kind of rotated(attempt + WARM_UP)) {
      const elapsed = await refused(clients[kind], attempt + WARM_UP);
      if (attempt >= 0) times.get(kind)?.push(elapsed);
    }
  }
  return times;
}

/** No kind is always the first of its round. */
function rotated(attempt: number): Kind[] {
  const first = attempt % KINDS.length;
  return [...KINDS.slice(first), ...KINDS.slice(0, first)];
}

/** Each round from an address of its own, so that nobody is told to wait. */
async function refused({ id, secret }: Credentials, attempt: number): Promise<number> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(typeof secret === 'string' ? { client_id: id, client_secret: secret } : asserted(id, secret)) });
  const body = form.toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': `10.0.${attempt >> 8}.${attempt & 255}` };
  const begun = performance.now();
  const answer = await fetch(`${service.base}/oauth/token`, { method: 'POST', headers, body });
  await answer.text();
  const elapsed = performance.now() - begun;
  if (answer.status !== 401) throw new Error(`${id}: ${answer.status}`);
  return elapsed;
}

function asserted(id: string, key: KeyObject): Record<string, string> {
  const claims = { iss: id, sub: id, aud: 'http://localhost:3920', exp: Math.floor(Date.now() / 1000) + 60, jti: randomUUID() };
  const input = [{ alg: 'ES256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  return { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: `${input}.${signature}` };
}

async function prepare(): Promise<Record<Kind, Credentials>> {
  const [keeper, neighbour] = [await register('keeper'), await register('neighbour')];
  const [living, deleted, suspended] = [await application(keeper.token), await application(keeper.token), await application(neighbour.token)];
  await call('DELETE', `/oauth_applications/${deleted.row}`, keeper.token);
  await promisify(execFile)(process.execPath, ['dist/apps/api/src/admin.js', 'organizations:suspend', 'kiket', neighbour.slug], { env: { ...process.env, ...env } });
  const [registered, wrong] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  await call('PATCH', `/oauth_applications/${living.row}`, keeper.token, { jwks: { keys: [registered.publicKey.export({ format: 'jwk' })] } });
  return {
    'unknown client, by a key': { id: living.id.replace(/.{4}$/, 'none'), secret: wrong.privateKey },
    'wrong key': { id: living.id, secret: wrong.privateKey },
    'unknown client': { id: living.id.replace(/.{4}$/, 'none'), secret: suspended.secret },
    'wrong secret': { id: living.id, secret: suspended.secret },
    'deleted application': deleted,
    'suspended organization': suspended,
    'unknown client, no secret of ours': { id: living.id.replace(/.{4}$/, 'none'), secret: 'guess' },
    'wrong secret, none of ours': { id: living.id, secret: 'guess' },
  };
}

async function register(name: string): Promise<{ token: string; slug: string }> {
  const { access_token: token, organization } = await call('POST', '/auth/register', '', { email: `${name}@acme.cz`, password: 'SecurePass123!', name, organization_name: name });
  return { token: token as string, slug: (organization as { slug: string }).slug };
}

async function application(token: string): Promise<Credentials & { row: number }> {
  const { id, client_id, client_secret } = await call('POST', '/oauth_applications', token, { oauth_application: { name: 'Bench', scopes: ['issues'] } });
  return { row: id as number, id: client_id as string, secret: client_secret as string };
}

async function call(method: string, path: string, token: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { ...HEADERS, ...(token !== '' && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${service.base}/api/v1${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
}

function print(times: Map<Kind, number[]>): void {
  for (const group of GROUPS) {
    const medians = group.map((kind) => [kind, median(times.get(kind) ?? [])] as const);
    const least = Math.min(...medians.map(([, time]) => time));
    for (const [kind, time] of medians) console.log(`${kind.padEnd(34)} median ${time.toFixed(3)} ms of ${TRIES}   ${((time / least - 1) * 100).toFixed(2)} % above the least`);
  }
}

function median(all: readonly number[]): number {
  const sorted = all.toSorted((one, other) => one - other);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

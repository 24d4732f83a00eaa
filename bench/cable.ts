import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JwtService } from '@nestjs/jwt';
import { Client } from 'pg';
import { EmbeddedPostgres } from '#database';
import type { Audience } from './cable-service.js';
import { Server } from './server.js';

const CONNECTIONS = 10_000;
const ROUNDS = 15;
const BREATH_MS = 1_000;
const SETTLE_MS = 15_000;
const MOST_MEMORY_RATIO = 1.5;
const LEAST_SPEED_RATIO = 0.7;
const SUBSCRIBE = JSON.stringify({ command: 'subscribe', identifier: JSON.stringify({ channel: 'NotificationsChannel' }) });
/** Of the length that one of ours has. */
const BARE_FRAME = JSON.stringify({ identifier: '{"channel":"NotificationsChannel"}', message: { action: 'new_notification', filler: 'x'.repeat(230) } });

/** Sends one frame to each of all connections; when it began. */
type Broadcast = () => Promise<number>;

interface Figures {
  /** KiB of resident memory for one idle connection. */
  readonly memory: number;
  /** From the beginning of each kind of broadcast to its last frame; the median of several rounds. */
  readonly milliseconds: readonly number[];
}

/**
 * Ten thousand idle connections, and one frame to each of them, beside a bare `ws` server in the same run. The bare one sends
 * everybody the same, from memory. Ours tells each member a notification of their own, from the commit of its delivery on: what
 * it delivered itself, and what another instance delivered, which it reads from PostgreSQL.
 */
export async function benchCable(): Promise<void> {
  const limit = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  if (limit < CONNECTIONS + 1_000) throw new Error(`run it under ulimit -n ${CONNECTIONS + 1_000} or more; it is ${limit}`);
  const bare = await measureBare();
  const ours = await measureOurs();
  const [broadcast = NaN] = bare.milliseconds;
  const [own = NaN, others = NaN] = ours.milliseconds;
  print('a bare ws server', bare.memory, broadcast);
  print('ours, delivered by this instance', ours.memory, own);
  print('ours, delivered by another', ours.memory, others);
  const [memory, speed] = [ours.memory / bare.memory, broadcast / own];
  console.log(
    `memory ratio ${memory.toFixed(2)} (at most ${MOST_MEMORY_RATIO}), throughput ratio ${speed.toFixed(2)} (at least ${LEAST_SPEED_RATIO}), ` +
      `of what another delivered ${(broadcast / others).toFixed(2)}, load average ${loadavg()[0]?.toFixed(1)}`,
  );
  if (!(memory <= MOST_MEMORY_RATIO && speed >= LEAST_SPEED_RATIO)) process.exitCode = 1;
}

function print(name: string, memory: number, milliseconds: number): void {
  const speed = Math.round((CONNECTIONS * 1000) / milliseconds);
  console.log(`${name.padEnd(32)} ${memory.toFixed(1)} KiB an idle connection   ${milliseconds.toFixed(0)} ms for one frame to each of ${CONNECTIONS}   ${speed} frames/s`);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function measureBare(): Promise<Figures> {
  const server = fork('dist/bench/bare-ws.js', [], { env: { ...process.env, PORT: '3918' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await pause(1_000);
  const urls = Array.from({ length: CONNECTIONS }, () => 'ws://127.0.0.1:3918/');
  const send = async (): Promise<number> => {
    const begun = now();
    server.send({ frame: BARE_FRAME });
    return begun;
  };
  return measure(server, urls, undefined, [async () => send]);
}

async function measureOurs(): Promise<Figures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const database = await EmbeddedPostgres.start(dataDir);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const service = await Server.start('dist/bench/cable-service.js', 3919, '/health/ready', { DATABASE_URL: database.url, DATA_DIR: dataDir, LOG_LEVEL: 'warn', JWT_PRIVATE_KEYS: privateKey });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const kid = (await (await fetch(`${service.base}/.well-known/jwks.json`)).json() as { keys: { kid: string }[] }).keys[0]?.kid ?? '';
    const urls = (await people(client)).map((claims) => `ws://127.0.0.1:3919/cable?token=${signed(claims, privateKey, kid)}`);
    const audiences = await everybody(client);
    return await measure(service.process, urls, SUBSCRIBE, [async () => async () => deliver(service.process, audiences), async () => tellFromElsewhere(client)]);
  } finally {
    await client.end();
    await service.stop();
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measure(server: ChildProcess, urls: readonly string[], subscribe: string | undefined, broadcasts: readonly (() => Promise<Broadcast>)[]): Promise<Figures> {
  const clients = fork('dist/bench/cable-clients.js', [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await answered(clients, { urls: urls.slice(0, 500), ...(subscribe !== undefined && { subscribe }) });
    await pause(SETTLE_MS / 3);
    const before = residentKiB(server);
    await answered(clients, { urls: urls.slice(500), ...(subscribe !== undefined && { subscribe }) });
    await pause(SETTLE_MS);
    const memory = (residentKiB(server) - before) / (urls.length - 500);
    const rounds: number[][] = broadcasts.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [kind, prepare] of broadcasts.entries()) {
        await answered(clients, { expect: urls.length });
        const told = heard(clients, 'told');
        const begun = await (await prepare())();
        rounds[kind]?.push((await told) - begun);
        await pause(BREATH_MS);
      }
    }
    return { memory, milliseconds: rounds.map((times) => times.sort((one, next) => one - next)[Math.floor(ROUNDS / 2)] ?? NaN) };
  } finally {
    clients.kill('SIGKILL');
    await once(clients, 'exit');
    if (server.exitCode === null && subscribe === undefined) server.kill('SIGTERM');
  }
}

async function answered(clients: ChildProcess, order: object): Promise<void> {
  const ready = heard(clients, 'ready');
  clients.send(order);
  await ready;
}

async function heard(child: ChildProcess, what: 'ready' | 'told' | 'committed'): Promise<number> {
  const [message] = (await once(child, 'message')) as [Record<string, unknown>];
  if (message[what] === undefined) throw new Error(JSON.stringify(message));
  return Number(message[what]);
}

function residentKiB({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

type Claims = Readonly<Record<'user_id' | 'organization_id' | 'session_id', number>>;

/** As many people, of a hundred organizations, each signed in. */
async function people(client: Client): Promise<Claims[]> {
  const { rows } = await client.query<Record<keyof Claims, string>>(
    `WITH people AS (
       INSERT INTO users (email, canonical_email, name, locale, created_at, updated_at)
       SELECT e, e, e, 'en', now(), now() FROM (SELECT 'u' || n || '@bench.example' AS e FROM generate_series(1, $1::int) n) t RETURNING id),
     numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM people),
     founded AS (
       INSERT INTO organizations (product_id, name, slug, founder_id, created_at)
       SELECT p.id, 'Bench ' || n, 'bench-' || n, u.id, now() FROM numbered u, products p WHERE p.slug = 'kiket' AND n <= 100 RETURNING id, product_id),
     paid AS (
       INSERT INTO subscriptions (organization_id, product_id, plan_tier, status, created_at, updated_at)
       SELECT id, product_id, 'full', 'active', now(), now() FROM founded),
     placed AS (SELECT id, product_id, row_number() OVER (ORDER BY id) AS n FROM founded),
     joined AS (
       INSERT INTO memberships (organization_id, user_id, role, created_at, updated_at, joined_at)
       SELECT o.id, u.id, 'member', now(), now(), now() FROM numbered u JOIN placed o ON o.n = 1 + u.n % 100 RETURNING id, organization_id, user_id),
     told AS (
       INSERT INTO inboxes (membership_id, organization_id, epoch, last_offset, unread_count, version)
       SELECT id, organization_id, gen_random_uuid()::text, 0, 0, 0 FROM joined)
     INSERT INTO sessions (user_id, membership_id, organization_id, product_id, created_at, last_used_at, expires_at, refresh_jti)
     SELECT j.user_id, j.id, j.organization_id, p.id, now(), now(), now() + interval '1 day', 'bench' || j.id FROM joined j, products p WHERE p.slug = 'kiket'
     RETURNING id AS session_id, user_id, organization_id`,
    [CONNECTIONS],
  );
  await client.query('ANALYZE');
  return rows.map(({ user_id, organization_id, session_id }) => ({ user_id: Number(user_id), organization_id: Number(organization_id), session_id: Number(session_id) }));
}

function signed({ user_id: user, organization_id: org, session_id: sid }: Claims, privateKey: string, kid: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'kiket.dev', sub: String(user), org, product: 'kiket', scopes: [], type: 'access', iat, exp: iat + 3_600, jti: randomBytes(12).toString('hex'), sid };
  return new JwtService().sign(claims, { algorithm: 'ES256', privateKey, header: { alg: 'ES256', typ: 'JWT', kid } });
}

async function everybody(client: Client): Promise<Audience[]> {
  const { rows } = await client.query<{ organization_id: string; ids: string[] }>('SELECT organization_id, array_agg(membership_id ORDER BY membership_id) AS ids FROM inboxes GROUP BY organization_id');
  return rows.map(({ organization_id, ids }) => ({ organizationId: Number(organization_id), membershipIds: ids.map(Number) }));
}

/** In one transaction; when it had committed. */
async function deliver(service: ChildProcess, audiences: readonly Audience[]): Promise<number> {
  const committed = heard(service, 'committed');
  service.send(audiences);
  return committed;
}

/** One notification to each, as another instance writes it; and then what this one hears of it. */
async function tellFromElsewhere(client: Client): Promise<Broadcast> {
  await client.query(
    `WITH taken AS (UPDATE inboxes SET last_offset = last_offset + 1, unread_count = unread_count + 1, version = version + 1 RETURNING membership_id, organization_id, last_offset)
     INSERT INTO notifications (membership_id, organization_id, stream_offset, type, title, message, url, created_at)
     SELECT membership_id, organization_id, last_offset, 'sla_warning', 'SLA Warning', 'DSAR for Jan Novak approaching 30-day deadline', '/issues/456', now() FROM taken`,
  );
  // As autovacuum does within a minute: until then, PostgreSQL plans as if the tables were as empty as they had been.
  await client.query('VACUUM ANALYZE inboxes, notifications');
  return async () => {
    const begun = now();
    await client.query(
      `SELECT pg_notify('kiket_inboxes', words) FROM (
         SELECT string_agg('n:' || membership_id || ':' || last_offset, ',') AS words
         FROM (SELECT membership_id, last_offset, ntile(40) OVER (ORDER BY membership_id) AS part FROM inboxes) t GROUP BY part) w`,
    );
    return begun;
  };
}

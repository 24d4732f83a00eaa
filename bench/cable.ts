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
import type { Audience, Delivery } from './cable-service.js';
import { Server } from './server.js';

const CONNECTIONS = 10_000;
const ROUNDS = 15;
/** Of the burst: so many frames to each of so many connections. */
const BURST = { connections: 1_000, frames: 20 };
const BREATH_MS = 1_000;
const SETTLE_MS = 15_000;
const MOST_MEMORY_RATIO = 1.5;
const LEAST_SPEED_RATIO = 0.7;
const SUBSCRIBE = JSON.stringify({ command: 'subscribe', identifier: JSON.stringify({ channel: 'NotificationsChannel' }) });
/** Of the length that one of ours has. */
const BARE_FRAME = JSON.stringify({ identifier: '{"channel":"NotificationsChannel"}', message: { action: 'new_notification', filler: 'x'.repeat(230) } });

interface Broadcast {
  /** Frames to all connections together. */
  readonly frames: number;
  /** What need not be measured of it; then its beginning, and when that was. */
  readonly prepare: () => Promise<() => Promise<number>>;
}

/**
 * Ten thousand idle connections, and one frame to each of them, beside a bare `ws` server in the same run, by turns. The bare one
 * sends everybody the same, from memory. Ours tells each member a notification of their own, from the commit of its delivery
 * on: what it delivered itself, and what another instance delivered, which it reads from PostgreSQL.
 */
export async function benchCable(): Promise<void> {
  const limit = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  if (limit < CONNECTIONS + 1_000) throw new Error(`run it under ulimit -n ${CONNECTIONS + 1_000} or more; it is ${limit}`);
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const database = await EmbeddedPostgres.start(dataDir);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const crowds: Crowd[] = [];
  try {
    const bare = await Crowd.of(startBare(), Array.from({ length: CONNECTIONS }, () => 'ws://127.0.0.1:3918/'));
    crowds.push(bare);
    const ours = await startOurs(client, { DATABASE_URL: database.url, DATA_DIR: dataDir });
    crowds.push(ours);
    await compare(bare, ours, client);
  } finally {
    for (const crowd of crowds) await crowd.end();
    await client.end();
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function compare(bare: Crowd, ours: Crowd, client: Client): Promise<void> {
  const audiences = await everybody(client);
  const few = audiences.slice(0, (audiences.length * BURST.connections) / CONNECTIONS);
  const kinds: readonly [Crowd, Broadcast][] = [
    [bare, bareBroadcast(bare.server, CONNECTIONS, 1)],
    [bare, bareBroadcast(bare.server, BURST.connections, BURST.frames)],
    [ours, { frames: CONNECTIONS, prepare: async () => async () => deliver(ours.server, audiences, 1) }],
    [ours, { frames: BURST.connections * BURST.frames, prepare: async () => async () => deliver(ours.server, few, BURST.frames) }],
    [ours, { frames: CONNECTIONS, prepare: async () => deliverElsewhere(client) }],
  ];
  const rounds = kinds.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [kind, [crowd, broadcast]] of kinds.entries()) {
      // Ours pings its connections meanwhile: the bare one has the machine to itself.
      ours.server.kill(crowd === bare ? 'SIGSTOP' : 'SIGCONT');
      await pause(BREATH_MS);
      rounds[kind]?.push(await crowd.measure(broadcast));
    }
  }
  const [one = NaN, burst = NaN, own = NaN, ownBurst = NaN, others = NaN] = rounds.map(median);
  console.log(`an idle connection of ${CONNECTIONS}: bare ${bare.memory.toFixed(1)} KiB, ours ${ours.memory.toFixed(1)} KiB`);
  print(`one frame to each of ${CONNECTIONS}`, CONNECTIONS, one, { 'delivered here': own, 'delivered elsewhere': others });
  print(`${BURST.frames} frames to each of ${BURST.connections}`, BURST.connections * BURST.frames, burst, { 'delivered here': ownBurst });
  const [memory, speed] = [ours.memory / bare.memory, one / own];
  console.log(`memory ratio ${memory.toFixed(2)} (at most ${MOST_MEMORY_RATIO}), throughput ratio ${speed.toFixed(2)} (at least ${LEAST_SPEED_RATIO}), load average ${loadavg()[0]?.toFixed(1)}`);
  if (!(memory <= MOST_MEMORY_RATIO && speed >= LEAST_SPEED_RATIO)) process.exitCode = 1;
}

function median(times: readonly number[]): number {
  return times.toSorted((one, next) => one - next)[Math.floor(times.length / 2)] ?? NaN;
}

function print(what: string, frames: number, bare: number, ours: Readonly<Record<string, number>>): void {
  const figure = (milliseconds: number) => `${milliseconds.toFixed(0)} ms, ${Math.round((frames * 1000) / milliseconds)} frames/s`;
  console.log(`${what}: bare ${figure(bare)}`);
  for (const [name, milliseconds] of Object.entries(ours)) console.log(`  ours, ${name}: ${figure(milliseconds)}, ratio ${(bare / milliseconds).toFixed(2)}`);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function startBare(): ChildProcess {
  return fork('dist/bench/bare-ws.js', [], { env: { ...process.env, PORT: '3918' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

function bareBroadcast(server: ChildProcess, connections: number, times: number): Broadcast {
  return {
    frames: connections * times,
    prepare: async () => async () => {
      const begun = now();
      server.send({ frame: BARE_FRAME, connections, times });
      return begun;
    },
  };
}

async function startOurs(client: Client, settings: Readonly<Record<string, string>>): Promise<Crowd> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const service = await Server.start('dist/bench/cable-service.js', 3919, '/health/ready', { ...settings, LOG_LEVEL: 'warn', JWT_PRIVATE_KEYS: privateKey });
  const kid = (await (await fetch(`${service.base}/.well-known/jwks.json`)).json() as { keys: { kid: string }[] }).keys[0]?.kid ?? '';
  const urls = (await people(client)).map((claims) => `ws://127.0.0.1:3919/cable?token=${signed(claims, privateKey, kid)}`);
  return Crowd.of(service.process, urls, SUBSCRIBE);
}

/** A server and all who are connected to it, from one process. */
class Crowd {
  private constructor(
    readonly server: ChildProcess,
    private readonly clients: ChildProcess,
    /** KiB of the server's resident memory for one idle connection. */
    readonly memory: number,
  ) {}

  static async of(server: ChildProcess, urls: readonly string[], subscribe?: string): Promise<Crowd> {
    const clients = fork('dist/bench/cable-clients.js', [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await pause(BREATH_MS);
    await answered(clients, { urls: urls.slice(0, 500), ...(subscribe !== undefined && { subscribe }) });
    await pause(SETTLE_MS / 3);
    const before = residentKiB(server);
    await answered(clients, { urls: urls.slice(500), ...(subscribe !== undefined && { subscribe }) });
    await pause(SETTLE_MS);
    return new Crowd(server, clients, (residentKiB(server) - before) / (urls.length - 500));
  }

  /** Milliseconds from its beginning to the last of its frames. */
  async measure({ frames, prepare }: Broadcast): Promise<number> {
    await answered(this.clients, { expect: frames });
    const told = heard(this.clients, 'told');
    const begun = await (await prepare())();
    return (await told) - begun;
  }

  async end(): Promise<void> {
    this.clients.kill('SIGKILL');
    const gone = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await gone;
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
async function deliver(service: ChildProcess, audiences: readonly Audience[], times: number): Promise<number> {
  const committed = heard(service, 'committed');
  service.send({ audiences, times } satisfies Delivery);
  return committed;
}

/** One notification to each, as another instance writes it; and then what this one hears of it. */
async function deliverElsewhere(client: Client): Promise<() => Promise<number>> {
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

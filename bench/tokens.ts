import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { EmbeddedPostgres } from '#database';
import { Secrets } from '#secrets';
import { Server } from './server.js';

const TOKENS_PER_ORGANIZATION = 1_000;
const SMALL = 1_000;
const LARGE = 1_000_000;
const ROUNDS = 20;
const REQUESTS_PER_ROUND = 400;
const MOST_RATIO = 1.2;

interface Side {
  readonly name: string;
  readonly service: Server;
  readonly tokens: readonly string[];
}

/**
 * Whether a token is found as fast among a million as among a thousand: the median time of a request that it opens, and of
 * the list of its organization's tokens, on two databases of one server, taking turns.
 */
export async function benchTokens(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const server = await EmbeddedPostgres.start(dataDir);
  const services: Server[] = [];
  const sides: Side[] = [];
  try {
    for (const [name, tokens, port] of [['small', SMALL, 3914], ['large', LARGE, 3915]] as const) {
      const { service, url } = await serve(name, port, server.url, dataDir);
      services.push(service);
      sides.push({ name, service, tokens: await fill(url, tokens) });
    }
    console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
    for (const path of ['/api/v1/me', '/api/v1/workspace_api_tokens?per_page=25']) print(path, await measure(path, sides));
  } finally {
    await Promise.all(services.map(async (service) => service.stop()));
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A service with a database of its own. */
async function serve(name: string, port: number, serverUrl: string, dataDir: string): Promise<{ service: Server; url: string }> {
  await inDatabase(serverUrl, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).toString();
  const service = await Server.start('dist/apps/api/src/main.js', port, '/health/ready', { DATABASE_URL: url, DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
  return { service, url };
}

/** So many tokens, a thousand of each organization; the first organization's are known to us. */
async function fill(url: string, tokens: number): Promise<string[]> {
  const secrets = new Secrets();
  const known = Array.from({ length: TOKENS_PER_ORGANIZATION }, () => secrets.generate('wksp_').plaintext);
  await inDatabase(
    url,
    `WITH people AS (
       INSERT INTO users (email, canonical_email, name, locale, created_at, updated_at)
       SELECT e, e, e, 'en', now(), now() FROM (SELECT 'u' || n || '@bench.example' AS e FROM generate_series(1, $1::int) n) t RETURNING id),
     founded AS (
       INSERT INTO organizations (product_id, name, slug, founder_id, created_at)
       SELECT p.id, 'Bench ' || u.id, 'bench-' || u.id, u.id, now() FROM people u, products p WHERE p.slug = 'kiket' RETURNING id, product_id, founder_id),
     paid AS (
       INSERT INTO subscriptions (organization_id, product_id, plan_tier, status, created_at, updated_at)
       SELECT id, product_id, 'full', 'active', now(), now() FROM founded),
     joined AS (
       INSERT INTO memberships (organization_id, user_id, role, created_at, updated_at, joined_at)
       SELECT id, founder_id, 'admin', now(), now(), now() FROM founded RETURNING id, organization_id)
     INSERT INTO workspace_tokens (organization_id, membership_id, name, full_access, scopes, token_prefix, created_at)
     SELECT organization_id, id, 'bench', true, '{}', 'wksp_bench', now() FROM joined, generate_series(1, $2::int)`,
    [tokens / TOKENS_PER_ORGANIZATION, TOKENS_PER_ORGANIZATION],
  );
  await inDatabase(
    url,
    `INSERT INTO workspace_token_secrets (digest, token_id, created_at)
     SELECT coalesce(decode(($1::text[])[row_number() OVER (ORDER BY organization_id, id)], 'hex'), sha256(id::text::bytea)), id, now() FROM workspace_tokens`,
    [known.map((token) => createHash('sha256').update(token).digest('hex'))],
  );
  // What the server would do by itself in the next minutes is not what is measured.
  await inDatabase(url, 'VACUUM (FREEZE, ANALYZE)');
  return known;
}

/** Milliseconds of each request, by side. */
async function measure(path: string, sides: readonly Side[]): Promise<Map<string, number[]>> {
  const times = new Map(sides.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, service, tokens } of round % 2 === 0 ? sides : sides.toReversed()) {
      for (let request = 0; request < REQUESTS_PER_ROUND; request += 1) {
        const token = tokens[(round * REQUESTS_PER_ROUND + request) % tokens.length] ?? '';
        const begun = performance.now();
        const answer = await fetch(`${service.base}${path}`, { headers: { authorization: `Bearer ${token}` } });
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
        times.get(name)?.push(performance.now() - begun);
      }
    }
  }
  return times;
}

function print(path: string, times: Map<string, number[]>): void {
  const [small = 0, large = 0] = [...times.values()].map((all) => all.toSorted((one, other) => one - other)[all.length >> 1] ?? 0);
  const ratio = large / small;
  console.log(`${path.padEnd(42)} median among ${SMALL} tokens ${small.toFixed(3)} ms   among ${LARGE} ${large.toFixed(3)} ms   ratio ${ratio.toFixed(2)}`);
  if (ratio > MOST_RATIO) process.exitCode = 1;
}

async function inDatabase(url: string, statement: string, parameters: readonly unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement, [...parameters]);
  } finally {
    await client.end();
  }
}

import { readFileSync } from 'node:fs';
import { ServiceProcess } from '../support/process.js';
import { type Person, World } from '../support/world.js';
import { eventually } from './trail.js';

/** `EXPORT_EVENTS=1000000` for a try by hand. */
const EVENTS = Number(process.env['EXPORT_EVENTS'] ?? 200_000);
/** Four times as many events may cost the heap's ordinary slack; kept whole, these would be several hundred MB. */
const MOST_GROWTH_MB = 60;

jest.setTimeout(400_000);

let world: World;
let admin: Person;
let service: ServiceProcess;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  await generate();
  service = await ServiceProcess.start({ ...world.env, NODE_OPTIONS: '--max-semi-space-size=16 --max-old-space-size=256' });
});
afterAll(async () => {
  await service.kill();
  await world.stop();
});

/** Events and seals by SQL; what their hashes are is not the matter here. */
async function generate(): Promise<void> {
  await admin.client.get('/audit_events');
  const chain = `organization:${admin.organizationId}`;
  await world.database.sql(
    `WITH entries AS (
       INSERT INTO audit_entries (chain, occurred_at, actor_type, actor_id, action, target_type, target_id, ip, user_agent, request_id, metadata)
       SELECT $1, timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second', 'user', $2::text, 'workspace_token.renamed', 'workspace_token', n::text,
         '10.0.0.1', repeat('Mozilla/5.0 ', 8), 'request-' || n, jsonb_build_object('n', n)
       FROM generate_series(1, $3::int) n RETURNING id)
     INSERT INTO audit_seals (position, entry_id, chain, chain_position, previous_hash, hash)
     SELECT 1000 + row_number() OVER (ORDER BY id), id, $1, 1000 + row_number() OVER (ORDER BY id), repeat('a', 64), repeat('b', 64) FROM entries`,
    [chain, String(admin.id), EVENTS],
  );
  await world.database.sql('ANALYZE audit_entries');
  await world.database.sql('ANALYZE audit_seals');
}

/** Resident memory of the service, in MB. */
function rss(): number {
  const [, pages = '0'] = readFileSync(`/proc/${service.pid}/statm`, 'utf8').split(' ');
  return (Number(pages) * 4_096) / 2 ** 20;
}

async function exported(path: string): Promise<{ lines: number; mb: number; peakMb: number; seconds: number }> {
  const begun = Date.now();
  let peakMb = rss();
  const watch = setInterval(() => (peakMb = Math.max(peakMb, rss())), 20);
  const response = await fetch(`${service.base}/api/v1/${path}`, { headers: { authorization: `Bearer ${admin.accessToken}` } });
  if (response.status !== 200 || response.body === null) throw new Error(`export: ${response.status} ${await response.text()}`);
  let lines = 0;
  let bytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
  }
  clearInterval(watch);
  return { lines, mb: bytes / 2 ** 20, peakMb, seconds: (Date.now() - begun) / 1000 };
}

it.each(['audit_events.ndjson', 'audit_events.csv'])(`${EVENTS} events as %s take no more memory than a quarter of them`, async (path) => {
  const quarter = new Date(Date.UTC(2026, 10, 1) + (EVENTS / 4) * 1000).toISOString();
  const smaller = await exported(`${path}?to=${quarter}`);
  expect(smaller.lines).toBeLessThan(EVENTS / 3);
  const { lines, mb, peakMb, seconds } = await exported(path);
  const before = smaller.peakMb;
  if (process.env['EXPORT_EVENTS'] !== undefined) process.stdout.write(`${JSON.stringify({ path, lines, mb, before, peakMb, seconds })}\n`);
  expect(lines).toBeGreaterThanOrEqual(EVENTS + 2);
  expect(mb).toBeGreaterThan(EVENTS / 3_000);
  expect(peakMb - before).toBeLessThan(MOST_GROWTH_MB);
});

it('who goes away ends the reading, and the service goes on', async () => {
  const departure = new AbortController();
  const response = await fetch(`${service.base}/api/v1/audit_events.ndjson`, { headers: { authorization: `Bearer ${admin.accessToken}` }, signal: departure.signal });
  await response.body?.getReader().read();
  departure.abort();
  const reading = async () => (await world.database.sql<{ n: number }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%events ORDER BY position LIMIT%'`,
  ))[0]?.n;
  // Between two of its statements a reading that goes on is not to be seen either.
  let quiet = 0;
  await eventually(async () => (quiet = (await reading()) === 0 ? quiet + 1 : 0) === 20);
  expect((await service.client.get('/health/live')).status).toBe(200);
  expect(service.said.err).toBe('');
});

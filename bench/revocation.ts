import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '#database';
import { Server } from './server.js';

const TRIES = 10_000;
const AT_ONCE = 20;
const HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'kiket' };

/**
 * No figure but a promise, in a number of tries that no test has the time for: a token that is revoked on one instance is
 * refused by the other on the very next request.
 */
export async function benchRevocation(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const server = await EmbeddedPostgres.start(dataDir);
  const env = { DATABASE_URL: server.url, DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const one = await Server.start('dist/apps/api/src/main.js', 3916, '/health/ready', env);
  const other = await Server.start('dist/apps/api/src/main.js', 3917, '/health/ready', env);
  try {
    const session = await register(one.base);
    const late: number[] = [];
    const begun = performance.now();
    let left = TRIES;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left > 0) {
          left -= 1;
          await attempt(one.base, other.base, session, late);
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    console.log(`${TRIES} tokens revoked on one instance, ${late.length} still open on the other (${seconds.toFixed(0)} s, ${AT_ONCE} at once, load average ${loadavg()[0]?.toFixed(1)})`);
    if (late.length > 0) process.exitCode = 1;
  } finally {
    await Promise.all([one.stop(), other.stop()]);
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Used on the other instance before, so that whatever it may remember is there to betray it. */
async function attempt(one: string, other: string, session: string, late: number[]): Promise<void> {
  const issued = await send('POST', `${one}/api/v1/workspace_api_tokens`, session, { workspace_api_token: { name: 'bench' } });
  const { id, token } = (await issued.json()) as { id: number; token: string };
  const before = await send('GET', `${other}/api/v1/me`, token);
  await before.arrayBuffer();
  if (before.status !== 200) throw new Error(`before: ${before.status}`);
  const revoked = await send('DELETE', `${one}/api/v1/workspace_api_tokens/${id}`, session);
  if (revoked.status !== 204) throw new Error(`revoke: ${revoked.status}`);
  const after = await send('GET', `${other}/api/v1/me`, token);
  await after.arrayBuffer();
  if (after.status !== 401) late.push(id);
}

async function send(method: string, url: string, bearer: string, body?: object): Promise<Response> {
  return fetch(url, { method, headers: { ...HEADERS, authorization: `Bearer ${bearer}` }, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

async function register(base: string): Promise<string> {
  const body = JSON.stringify({ email: 'bench@acme.cz', password: 'SecurePass123!', name: 'Bench', organization_name: 'Bench' });
  const answer = await fetch(`${base}/api/v1/auth/register`, { method: 'POST', headers: HEADERS, body });
  if (!answer.ok) throw new Error(`register: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

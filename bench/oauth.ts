import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { Server } from './server.js';

const SECONDS = 8;
const ROUNDS = 3;
const CONNECTIONS = 50;
const JSON_HEADERS = { 'content-type': 'application/json', 'x-product-slug': 'kiket' };

/** Access tokens a second by client credentials, beside oidc-provider with everything in its memory. One run, taking turns. */
export async function benchOAuth(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiket-bench-'));
  const service = await Server.start('dist/apps/api/src/main.js', 3918, '/health/ready', { DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
  const peer = await Server.start('dist/bench/oidc-peer.js', 3919, '/.well-known/openid-configuration');
  try {
    const { client_id, client_secret } = await registerClient(service.base);
    const rates = { ours: 0, peer: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.ours += (await tokens(`${service.base}/oauth/token`, client_id, client_secret)) / ROUNDS;
      rates.peer += (await tokens(`${peer.base}/token`, 'bench', 'bench-secret-of-some-length')) / ROUNDS;
    }
    const ratio = rates.ours / rates.peer;
    console.log(`POST /oauth/token ${rates.ours.toFixed(0)}/s   oidc-provider in memory ${rates.peer.toFixed(0)}/s   ratio ${ratio.toFixed(2)}   (${CONNECTIONS} connections, load average ${loadavg()[0]?.toFixed(1)})`);
    if (ratio < 1) process.exitCode = 1;
  } finally {
    await Promise.all([service.stop(), peer.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function tokens(url: string, id: string, secret: string): Promise<number> {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=issues',
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} errors`);
  return result['2xx'] / result.duration;
}

async function registerClient(base: string): Promise<{ client_id: string; client_secret: string }> {
  const { access_token } = await post(`${base}/api/v1/auth/register`, { email: 'bench@acme.cz', password: 'SecurePass123!', name: 'Bench', organization_name: 'Bench' });
  return post(`${base}/api/v1/oauth_applications`, { oauth_application: { name: 'Bench', scopes: ['issues', 'projects'] } }, access_token ?? '') as Promise<{ client_id: string; client_secret: string }>;
}

async function post(url: string, body: object, bearer?: string): Promise<Record<string, string>> {
  const headers = { ...JSON_HEADERS, ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, string>;
}

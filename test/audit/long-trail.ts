import type { Client } from '../support/client.js';
import type { World } from '../support/world.js';

/** Lets so many events happen in an organization at once, as ordinary entries that wait for the sealer. */
export async function happen(world: World, organizationId: number, count: number): Promise<void> {
  await world.database.sql(
    `WITH entries AS (
       INSERT INTO audit_entries (chain, occurred_at, actor_type, actor_id, action, target_type, target_id, ip, user_agent, request_id, metadata)
       SELECT $1, timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second', 'user', (n % 7 + 1)::text, 'workspace_token.renamed', 'workspace_token', n::text,
         '10.0.0.' || n % 250, 'curl/8.5.0', 'request-' || n, jsonb_build_object('n', n, 'nested', jsonb_build_object('b', n * 0.5, 'a', ARRAY['č', 'ß']))
       FROM generate_series(1, $2::int) n RETURNING id)
     INSERT INTO audit_pending (entry_id) SELECT id FROM entries`,
    [`organization:${organizationId}`, count],
  );
}

export interface ExportedLine extends Record<string, unknown> {
  readonly id: number;
  readonly chain: string;
  readonly chain_position: number;
  readonly occurred_at: string;
  readonly actor: { readonly type: string; readonly id: number | string | null };
  readonly target: { readonly type: string; readonly id: number | string | null };
  readonly metadata: Record<string, unknown>;
  readonly previous_hash: string;
  readonly hash: string;
}

export async function exported(client: Client): Promise<ExportedLine[]> {
  const { status, body } = await client.get('/audit_events.ndjson');
  if (status !== 200) throw new Error(`export: ${status} ${JSON.stringify(body)}`);
  return (body as string).trimEnd().split('\n').map((line) => JSON.parse(line) as ExportedLine);
}

/** A checkpoint of how the trail stands now. */
export async function checkpoint(client: Client): Promise<{ events: number; jws: string }> {
  const { status, body } = await client.post('/audit_checkpoints');
  if (status !== 201) throw new Error(`checkpoint: ${status} ${JSON.stringify(body)}`);
  return body as { events: number; jws: string };
}

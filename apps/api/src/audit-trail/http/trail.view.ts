import type { Checkpoint } from '#audit';
import type { NamedEvent } from '../domain/trail-event.js';

export function eventView(event: NamedEvent) {
  const { id, occurred_at, actor_type, actor_id, actor_name, action, target_type, target_id, target_name, ip, user_agent, request_id, metadata, previous_hash, hash } = event;
  return {
    id, occurred_at, actor: { type: actor_type, id: idOf(actor_id), name: actor_name }, action, target: { type: target_type, id: idOf(target_id), name: target_name },
    ip, user_agent, request_id, metadata, previous_hash, hash,
  };
}

/** With its place in its chain: all that its hash covers. */
export function exportedView(event: NamedEvent) {
  return { ...eventView(event), chain: event.chain, chain_position: event.chain_position };
}

export function checkpointView({ id, chain_position, created_at, jws }: Checkpoint) {
  return { id, events: chain_position, created_at, jws };
}

/** Ids of rows are numbers, others are names. */
function idOf(id: string | null): number | string | null {
  return id !== null && String(Number(id)) === id && Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { currentOrigin } from '#request';
import { type Act, chainName } from './act.js';
import type { Happening } from './happening.js';

/** Writes what happened beside what happened: an act whose entry cannot be written does not take place. */
@Injectable()
export class Audit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Records an act in the transaction under way; the sealer gives it its place in the chain after the commit. */
  async record(act: Act): Promise<void> {
    if (!this.database.inTransaction) throw new Error(`${act.action} must be recorded in the transaction in which it happens.`);
    const { ip, userAgent, requestId } = act.origin ?? currentOrigin();
    await this.database.query(
      `WITH entry AS (
         INSERT INTO audit_entries (chain, occurred_at, actor_type, actor_id, action, target_type, target_id, ip, user_agent, request_id, metadata)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id)
       INSERT INTO audit_pending (entry_id) SELECT id FROM entry`,
      [
        chainName(act.chain),
        this.clock.now(),
        act.actor.type,
        act.actor.id,
        act.action,
        act.target.type,
        act.target.id,
        ip,
        userAgent,
        requestId,
        JSON.stringify(act.metadata ?? {}),
      ],
    );
  }

  /** Says once what happened in a workspace, in the transaction in which it happens: readers of the feed hear of it after the commit. */
  async tell({ organizationId, actor, kind, target, metadata }: Happening): Promise<void> {
    if (!this.database.inTransaction) throw new Error(`${kind} must be told in the transaction in which it happens.`);
    await this.database.query(
      `INSERT INTO happenings (organization_id, occurred_at, actor_type, actor_id, action, target_type, target_id, metadata)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [organizationId, this.clock.now(), actor?.type ?? 'service', actor?.id ?? null, kind, target.type, target.id, JSON.stringify(metadata)],
    );
  }
}

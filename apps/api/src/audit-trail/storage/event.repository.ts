import { Injectable } from '@nestjs/common';
import { chainName } from '#audit';
import { Database } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { TrailEvent } from '../domain/trail-event.js';
import type { TrailFilters } from '../domain/trail-filters.js';

/** Whose trail: an organization's, on its product. */
export interface TrailOf {
  readonly organizationId: number;
  readonly productId: number;
}

const EVENT = `s.position, e.id, e.chain, s.chain_position, e.occurred_at, e.actor_type, e.actor_id, e.action, e.target_type, e.target_id,
  e.ip, e.user_agent, e.request_id, e.metadata, s.previous_hash, s.hash`;

/** What of the product's identity chain an organization is shown of its members. */
const SHOWN_OF_IDENTITIES = ['login.failed', 'password.reset_requested', 'password.reset'];

/** A statement under construction: its text refers to its values by their places. */
interface Part {
  readonly own: string;
  readonly ofMembers: string;
  readonly values: unknown[];
}

/** Sealed events that an organization's admins may see: all of its own chain, and failures and resets of its members while they are. */
@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async list(of: TrailOf, filters: TrailFilters, { page, perPage }: PageRequest): Promise<PageOf<TrailEvent>> {
    const { own, ofMembers, values } = sources(of, filters);
    const [count] = await this.database.query<{ total: number }>(`SELECT (SELECT count(*) ${own}) + (SELECT count(*) ${ofMembers}) AS total`, values);
    const most = `$${values.push(page * perPage)}`;
    const newest = `ORDER BY s.position DESC LIMIT ${most}`;
    const rows = await this.database.query<TrailEvent & Record<string, unknown>>(
      `SELECT * FROM ((SELECT ${EVENT} ${own} ${newest}) UNION ALL (SELECT ${EVENT} ${ofMembers} ${newest})) events
       ORDER BY position DESC LIMIT $${values.push(perPage)} OFFSET $${values.push((page - 1) * perPage)}`,
      values,
    );
    return { rows, total: count?.total ?? 0 };
  }

  /** Oldest first: the next so many behind a position, up to another. */
  async after(of: TrailOf, filters: TrailFilters, position: number, upTo: number, most: number): Promise<TrailEvent[]> {
    const { own, ofMembers, values } = sources(of, filters);
    const limit = `$${values.push(most)}`;
    const next = `AND s.position > $${values.push(position)} AND s.position <= $${values.push(upTo)} ORDER BY s.position LIMIT ${limit}`;
    return this.database.query<TrailEvent & Record<string, unknown>>(
      `SELECT * FROM ((SELECT ${EVENT} ${own} ${next}) UNION ALL (SELECT ${EVENT} ${ofMembers} ${next})) events ORDER BY position LIMIT ${limit}`,
      values,
    );
  }

  async lastPosition(): Promise<number> {
    const [row] = await this.database.query<{ last: number }>('SELECT coalesce(max(position), 0) AS last FROM audit_seals');
    return row?.last ?? 0;
  }
}

function sources({ organizationId, productId }: TrailOf, filters: TrailFilters): Part {
  const values: unknown[] = [];
  const put = (value: unknown): string => `$${values.push(value)}`;
  const chain = put(chainName({ organizationId }));
  const identities = put(chainName({ identityOf: productId }));
  const organization = put(organizationId);
  const shown = put(SHOWN_OF_IDENTITIES);
  const narrowed = conditions(filters, put).map((condition) => ` AND ${condition}`).join('');
  return {
    own: `FROM audit_seals s JOIN audit_entries e ON e.id = s.entry_id AND e.chain = s.chain WHERE s.chain = ${chain}${narrowed}`,
    ofMembers: `FROM memberships m
      JOIN audit_entries e ON e.chain = ${identities} AND e.chain LIKE 'identity:%' AND e.target_id = m.user_id::text AND e.target_type = 'user' AND e.action = ANY(${shown})
        AND e.occurred_at >= m.joined_at AND (m.ended_at IS NULL OR e.occurred_at < m.ended_at)
      JOIN audit_seals s ON s.entry_id = e.id AND s.chain = e.chain
      WHERE m.organization_id = ${organization}${narrowed}`,
    values,
  };
}

function conditions({ actor, target, action, from, to }: TrailFilters, put: (value: unknown) => string): string[] {
  return [
    ...(actor === undefined ? [] : [`e.actor_type = ${put(actor.type)} AND e.actor_id = ${put(actor.id)}`]),
    ...(target === undefined ? [] : [`e.target_type = ${put(target.type)} AND e.target_id = ${put(target.id)}`]),
    ...(action === undefined ? [] : [action.endsWith('.') ? `starts_with(e.action, ${put(action)})` : `e.action = ${put(action)}`]),
    ...(from === undefined ? [] : [`e.occurred_at >= ${put(from)}`]),
    ...(to === undefined ? [] : [`e.occurred_at < ${put(to)}`]),
  ];
}

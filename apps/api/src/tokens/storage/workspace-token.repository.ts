import { Injectable } from '@nestjs/common';
import type { Use } from '#access';
import { Database, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import { type ListedToken, SORTABLE, type TokenFilters } from '../domain/listed-token.js';
import type { WorkspaceToken } from '../domain/workspace-token.js';
import { WorkspaceTokenSchema } from './workspace-token.schema.js';

/** A token whose owner is gone is revoked with their membership; so it is listed. Outer joins: who only counts pays for none. */
const LISTED = `
  SELECT t.id, t.name, t.scopes, t.full_access, t.token_prefix, t.expires_at, t.created_at, t.last_used_at, t.last_used_ip,
         coalesce(t.revoked_at, m.ended_at) AS revoked_at, u.id AS owner_id, u.name AS owner_name,
         CASE WHEN coalesce(t.revoked_at, m.ended_at) IS NOT NULL THEN 'revoked' WHEN t.expires_at <= $2::timestamptz THEN 'expired' ELSE 'active' END AS status
  FROM workspace_tokens t LEFT JOIN memberships m ON m.id = t.membership_id LEFT JOIN users u ON u.id = m.user_id
  WHERE t.organization_id = $1`;

@Injectable()
export class WorkspaceTokenRepository extends TenantRepository<WorkspaceToken> {
  constructor(database: Database) {
    super(database, WorkspaceTokenSchema);
  }

  async list(organizationId: number, { status, unusedForDays }: TokenFilters, page: PageRequest, now: Date): Promise<PageOf<ListedToken>> {
    const values: unknown[] = [organizationId, now];
    const conditions = ['true'];
    if (status !== undefined) conditions.push(`status = $${values.push(status)}`);
    if (unusedForDays !== undefined) conditions.push(`coalesce(last_used_at, created_at) <= $2::timestamptz - make_interval(days => $${values.push(unusedForDays)})`);
    const fitting = `FROM (${LISTED}) t WHERE ${conditions.join(' AND ')}`;
    const [count] = await this.database.query<{ total: number }>(`SELECT count(*) AS total ${fitting}`, values);
    const rows = await this.database.query<ListedToken & Record<string, unknown>>(
      `SELECT * ${fitting} ORDER BY ${ordering(page)} LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
      [...values, page.perPage, (page.page - 1) * page.perPage],
    );
    return { rows, total: count?.total ?? 0 };
  }

  async listed(organizationId: number, id: number, now: Date): Promise<ListedToken | null> {
    const [row] = await this.database.query<ListedToken & Record<string, unknown>>(`${LISTED} AND t.id = $3`, [organizationId, now, id]);
    return row ?? null;
  }

  /** The row, locked until the transaction ends: of ten rotations at once, each sees what the one before left. */
  async lock(organizationId: number, id: number): Promise<WorkspaceToken | null> {
    return this.rows.findOne({ where: { organizationId, id }, lock: { mode: 'pessimistic_write' } });
  }

  async save({ id, organizationId, name, tokenPrefix, expiryWarnedDays, revokedAt }: WorkspaceToken): Promise<void> {
    await this.rows.update({ id, organizationId }, { name, tokenPrefix, expiryWarnedDays, revokedAt });
  }

  /** Of the whole service: a living token that ends before the horizon, locked, and not one that another instance is looking at. */
  async lockExpiring(after: number, horizon: Date, now: Date): Promise<WorkspaceToken | null> {
    const [row] = await this.database.query<{ id: number; organization_id: number }>(
      `SELECT t.id, t.organization_id FROM workspace_tokens t
       WHERE t.id > $1 AND t.revoked_at IS NULL AND t.expires_at > $3 AND t.expires_at <= $2 AND (t.expiry_warned_days IS NULL OR t.expiry_warned_days > 1)
       ORDER BY t.id LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [after, horizon, now],
    );
    return row === undefined ? null : this.lock(row.organization_id, row.id);
  }

  /** One statement for all that were used since the last one, by whichever of their secrets; what another instance knows better stays. */
  async markUsed(uses: readonly Use[]): Promise<void> {
    await this.database.query(
      `UPDATE workspace_tokens t SET last_used_at = u.at, last_used_ip = u.ip
       FROM (SELECT DISTINCT ON (id) * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS seen(id, at, ip) ORDER BY id, at DESC) AS u
       WHERE t.id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at)`,
      [uses.map(({ credentialId }) => credentialId), uses.map(({ lastAt }) => lastAt), uses.map(({ lastIp }) => lastIp)],
    );
  }
}

/** The names were checked where the request was read. */
function ordering({ sort }: PageRequest): string {
  const by = SORTABLE.find((name) => name === sort?.by);
  if (by === undefined) return 'id DESC';
  return `${by} ${sort?.descending === true ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}, id DESC`;
}

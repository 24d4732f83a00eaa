import { Injectable } from '@nestjs/common';
import { Database } from '#database';

interface Reference {
  readonly type: string;
  readonly id: string | null;
}

/** Rows of the organization alone; of a person who never joined it, only what the inviter typed. */
const NAMES: Readonly<Record<string, string>> = {
  user: `SELECT p.id, coalesce(u.name, m.invited_name) AS name FROM memberships m LEFT JOIN users u ON u.id = m.user_id,
         LATERAL (VALUES (m.user_id), (m.pending_id)) p(id) WHERE m.organization_id = $1 AND p.id = ANY($2::bigint[]) ORDER BY m.id`,
  workspace_token: 'SELECT id, name FROM workspace_tokens WHERE organization_id = $1 AND id = ANY($2::bigint[])',
  oauth_application: 'SELECT id, name FROM oauth_applications WHERE organization_id = $1 AND id = ANY($2::bigint[])',
  extension: 'SELECT id, name FROM extensions WHERE organization_id = $1 AND id = ANY($2::bigint[])',
  organization: 'SELECT id, name FROM organizations WHERE id = $1 AND id = ANY($2::bigint[])',
};

/** What the ids of events are called today. */
@Injectable()
export class NameRepository {
  constructor(private readonly database: Database) {}

  /** By `type:id`; what has no name, or none any more, is not among them. */
  async of(organizationId: number, references: readonly Reference[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    for (const [type, statement] of Object.entries(NAMES)) {
      const ids = [...new Set(references.flatMap(({ type: own, id }) => (own === type && id !== null && /^\d{1,15}$/.test(id) ? [Number(id)] : [])))];
      if (ids.length === 0) continue;
      const rows = await this.database.query<{ id: number; name: string | null }>(statement, [organizationId, ids]);
      for (const { id, name } of rows) if (name !== null) names.set(`${type}:${id}`, name);
    }
    return names;
  }
}

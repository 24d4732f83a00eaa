import type { World } from '../support/world.js';

interface IssueFacts {
  readonly projectId: number;
  readonly number: number;
  readonly status?: string;
  readonly milestoneId?: number | null;
}

/** An issue as it stands in its table, by whoever founded its organization. */
export async function storeIssue(world: World, { projectId, number, status = 'backlog', milestoneId = null }: IssueFacts): Promise<number> {
  const [row] = await world.database.sql<{ id: string }>(
    `INSERT INTO issues (organization_id, project_id, number, title, status, labels, custom_fields, milestone_id, created_by_id, created_at, updated_at)
     SELECT o.id, p.id, $2, 'Issue', $3, '{}', '{}', $4, o.founder_id, now(), now()
     FROM projects p JOIN organizations o ON o.id = p.organization_id WHERE p.id = $1 RETURNING id`,
    [projectId, number, status, milestoneId],
  );
  return Number(row?.id);
}

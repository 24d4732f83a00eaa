import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** How far issues were numbered under keys that no project holds any more. */
@Injectable()
export class RetiredKeyRepository {
  constructor(private readonly database: Database) {}

  /** Remembers the last number that was given under a key; of several holders, the greatest. */
  async retire(organizationId: number, projectKey: string, lastIssueNumber: number): Promise<void> {
    await this.database.query(
      `INSERT INTO retired_project_keys AS retired (organization_id, project_key, last_issue_number) VALUES ($1, $2, $3)
       ON CONFLICT (organization_id, project_key)
       DO UPDATE SET last_issue_number = greatest(retired.last_issue_number, excluded.last_issue_number)`,
      [organizationId, projectKey, lastIssueNumber],
    );
  }

  /** 0 for a key that nobody held before. */
  async lastNumber(organizationId: number, projectKey: string): Promise<number> {
    const [row] = await this.database.query<{ last: number }>(
      'SELECT last_issue_number AS last FROM retired_project_keys WHERE organization_id = $1 AND project_key = $2',
      [organizationId, projectKey],
    );
    return row?.last ?? 0;
  }
}

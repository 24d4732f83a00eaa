import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Workflow } from '../domain/workflow.js';

@Injectable()
export class WorkflowRepository {
  constructor(private readonly database: Database) {}

  /** An organization's one workflow, which it has from its founding on. */
  async found(organizationId: number, now: Date): Promise<void> {
    await this.database.query('INSERT INTO workflows (organization_id, created_at) VALUES ($1, $2)', [organizationId, now]);
  }

  async list(organizationId: number): Promise<Workflow[]> {
    return this.database.query<Workflow & Record<string, unknown>>(
      'SELECT id, created_at AS "createdAt" FROM workflows WHERE organization_id = $1 ORDER BY id',
      [organizationId],
    );
  }
}

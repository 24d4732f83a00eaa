import { Injectable } from '@nestjs/common';
import { present } from './domain/present.js';
import type { Workflow } from './domain/workflow.js';
import { WorkflowRepository } from './storage/workflow.repository.js';

/** The workflow that an organization's issues move by: one, the default. */
@Injectable()
export class Workflows {
  constructor(private readonly workflows: WorkflowRepository) {}

  async list(organizationId: number): Promise<Workflow[]> {
    return this.workflows.list(organizationId);
  }

  /** @throws not_found */
  async get(organizationId: number, id: number): Promise<Workflow> {
    const workflows = await this.list(organizationId);
    return present(workflows.find((workflow) => workflow.id === id));
  }
}

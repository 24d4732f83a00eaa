import { Injectable } from '@nestjs/common';
import { Database, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { Milestone, MilestoneStatus } from '../domain/milestone.js';
import type { Project } from '../domain/project.js';
import { slice } from './listing.js';
import { MilestoneSchema } from './milestone.schema.js';

const SORTED_BY = { created_at: 'createdAt', updated_at: 'updatedAt', name: 'name' } as const;

export interface MilestoneFilter {
  readonly status?: MilestoneStatus;
}

/** Whoever looks for one says of which project: under another it is not found. */
@Injectable()
export class MilestoneRepository extends TenantRepository<Milestone> {
  constructor(database: Database) {
    super(database, MilestoneSchema);
  }

  async list(project: Project, filter: MilestoneFilter, page: PageRequest): Promise<PageOf<Milestone>> {
    const [rows, total] = await this.rows.findAndCount({ where: { ...of(project), ...filter }, ...slice<Milestone>(page, SORTED_BY) });
    return { rows, total };
  }

  async find(project: Pick<Project, 'id' | 'organizationId'>, id: number): Promise<Milestone | null> {
    return this.rows.findOneBy({ ...of(project), id });
  }

  /** The row, locked until the transaction ends. */
  async lock(project: Project, id: number): Promise<Milestone | null> {
    return this.rows.findOne({ where: { ...of(project), id }, lock: { mode: 'pessimistic_write' } });
  }

  async save(milestone: Milestone): Promise<void> {
    const { id, organizationId, projectId, createdById, createdAt, ...changes } = milestone;
    await this.rows.update({ id, organizationId }, changes);
  }

  /** Its issues stay, without a milestone; false where there is none such. */
  async remove(project: Project, id: number): Promise<boolean> {
    const { affected } = await this.rows.delete({ ...of(project), id });
    return affected === 1;
  }
}

function of({ id, organizationId }: Pick<Project, 'id' | 'organizationId'>) {
  return { organizationId, projectId: id };
}

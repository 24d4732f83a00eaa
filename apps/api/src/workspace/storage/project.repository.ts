import { Injectable } from '@nestjs/common';
import { And, Equal, type FindOptionsWhere } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Database, TenantRepository } from '#database';
import { DomainError, type Realm } from '#domain';
import type { PageOf, PageRequest } from '#request';
import type { Project, ProjectStatus, Visibility } from '../domain/project.js';
import { containing, slice } from './listing.js';
import { ProjectSchema } from './project.schema.js';

const SORTED_BY = { created_at: 'createdAt', updated_at: 'updatedAt', name: 'name' } as const;

export interface ProjectFilter {
  readonly status?: ProjectStatus;
  readonly visibility?: Visibility;
  /** Part of the name. */
  readonly search?: string;
}

@Injectable()
export class ProjectRepository extends TenantRepository<Project> {
  constructor(database: Database) {
    super(database, ProjectSchema);
  }

  async list({ organizationId, projectId }: Realm, { search, ...filter }: ProjectFilter, page: PageRequest): Promise<PageOf<Project>> {
    const where = {
      organizationId,
      ...filter,
      ...(projectId !== null && { id: projectId }),
      ...(search !== undefined && { name: containing(search) }),
    };
    const [rows, total] = await this.rows.findAndCount({ where, ...slice<Project>(page, SORTED_BY) });
    return { rows, total };
  }

  /** By its id (a number) or its key (a text). */
  async find(realm: Realm, ref: number | string): Promise<Project | null> {
    return this.rows.findOneBy(named(realm, ref));
  }

  /** By its id or its key, its row locked until the transaction ends. */
  async lock(realm: Realm, ref: number | string): Promise<Project | null> {
    return this.rows.findOne({ where: named(realm, ref), lock: { mode: 'pessimistic_write' } });
  }

  /** By its id or its key, and not deleted until the transaction ends; any number may hold it at once. */
  async hold(realm: Realm, ref: number | string): Promise<Project | null> {
    return this.rows.findOne({ where: named(realm, ref), lock: { mode: 'for_key_share' } });
  }

  /**
   * The next number of an issue; until the transaction ends nobody else takes one, so that a creation that fails leaves no gap.
   * @throws not_found where the project was deleted meanwhile
   */
  async takeIssueNumber({ id, organizationId }: Project): Promise<number> {
    const [row] = await this.database.query<{ number: number }>(
      `UPDATE projects SET last_issue_number = last_issue_number + 1 WHERE id = $1 AND organization_id = $2
       RETURNING last_issue_number AS number`,
      [id, organizationId],
    );
    if (row === undefined) throw new DomainError('not_found');
    return row.number;
  }

  /** The row must be locked: numbers of issues are taken from it. */
  async save(project: Project): Promise<void> {
    const { id, organizationId, createdAt, ...changes } = project;
    await this.rows.update({ id, organizationId }, changes as QueryDeepPartialEntity<Project>);
  }

  /** With its issues, their comments, and its milestones. */
  async remove({ id, organizationId }: Project): Promise<void> {
    await this.rows.delete({ id, organizationId });
  }
}

function named({ organizationId, projectId }: Realm, ref: number | string): FindOptionsWhere<Project> {
  if (typeof ref === 'string') return { organizationId, projectKey: ref, ...(projectId !== null && { id: projectId }) };
  return { organizationId, id: projectId === null ? ref : And(Equal(ref), Equal(projectId)) };
}

import { Injectable } from '@nestjs/common';
import { ArrayContains, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Database, TenantRepository } from '#database';
import type { Realm } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Issue, type IssueType, type Priority } from '../domain/issue.js';
import type { IssueDetails } from '../domain/issue-details.js';
import type { IssueRef } from '../domain/issue-key.js';
import { Project } from '../domain/project.js';
import { User } from '../domain/user.js';
import { CATEGORIES, type State, STATES } from '../domain/workflow.js';
import { IssueSchema } from './issue.schema.js';
import { containing } from './listing.js';

const SORTED_BY: Readonly<Record<string, keyof Issue>> = { created_at: 'createdAt', updated_at: 'updatedAt', title: 'title' };

const CLOSED = STATES.filter((state) => CATEGORIES[state] === 'done' || CATEGORIES[state] === 'cancelled');

export interface DueIssue {
  readonly id: number;
  readonly organizationId: number;
  readonly dueAt: Date;
}

export interface IssueFilter {
  readonly projectId?: number;
  readonly projectKey?: string;
  readonly status?: State;
  readonly assigneeId?: number;
  readonly label?: string;
  /** Part of the title. */
  readonly search?: string;
  readonly issueType?: IssueType;
  readonly priority?: Priority;
  readonly parentId?: number;
  readonly milestoneId?: number;
}

/** What other tables say of an issue, beside it in one row. */
interface Beside {
  readonly project_key: string | null;
  readonly parent_number: number | null;
  readonly assignee_id: number | null;
  readonly assignee_name: string;
  readonly assignee_email: string;
}

@Injectable()
export class IssueRepository extends TenantRepository<Issue> {
  constructor(database: Database) {
    super(database, IssueSchema);
  }

  /** Newest first, unless asked otherwise. */
  async list(realm: Realm, filter: IssueFilter, { page, perPage, sort }: PageRequest): Promise<PageOf<IssueDetails>> {
    const found = this.within(realm).andWhere(conditions(filter));
    if (filter.projectKey !== undefined) found.andWhere('project.projectKey = :projectKey', filter);
    const direction = sort?.descending === false ? 'ASC' : 'DESC';
    const property = sort === null ? undefined : SORTED_BY[sort.by];
    if (property !== undefined) found.orderBy(`issue.${property}`, direction);
    found.addOrderBy('issue.id', direction);
    return { rows: await detailsOf(found.clone().offset((page - 1) * perPage).limit(perPage)), total: await found.getCount() };
  }

  /** Of the whole service: open issues that are due in between and were not told of for that date; each is marked as told. */
  async takeDue(after: Date, until: Date, most: number): Promise<DueIssue[]> {
    return this.database.query<DueIssue & Record<string, unknown>>(
      `UPDATE issues i SET due_warned_for = i.due_at
       FROM (SELECT id FROM issues
             WHERE due_at > $1 AND due_at <= $2 AND status <> ALL($3) AND due_warned_for IS DISTINCT FROM due_at
             ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED) due
       WHERE i.id = due.id RETURNING i.id, i.organization_id AS "organizationId", i.due_at AS "dueAt"`,
      [after, until, CLOSED, most],
    );
  }

  async find(realm: Realm, ref: IssueRef): Promise<IssueDetails | null> {
    const [details] = await detailsOf(this.named(realm, ref));
    return details ?? null;
  }

  async locate(realm: Realm, ref: IssueRef): Promise<Issue | null> {
    return this.named(realm, ref).getOne();
  }

  /** The row, locked until the transaction ends; what refers to it does not wait. */
  async lock(realm: Realm, ref: IssueRef): Promise<Issue | null> {
    return this.named(realm, ref).setLock('for_no_key_update', undefined, ['issue']).getOne();
  }

  /** The row, not deleted until the transaction ends; any number may hold it at once. */
  async hold(realm: Realm, ref: IssueRef): Promise<Issue | null> {
    return this.named(realm, ref).setLock('for_key_share', undefined, ['issue']).getOne();
  }

  /** All that an issue hangs on, nearest first. Nobody else may be changing parents in its project. */
  async ancestorIds({ id, organizationId }: Issue): Promise<number[]> {
    const rows = await this.database.query<{ id: number }>(
      `WITH RECURSIVE above (id, distance) AS (
         SELECT parent_id, 1 FROM issues WHERE organization_id = $1 AND id = $2
         UNION ALL
         SELECT issues.parent_id, distance + 1 FROM above JOIN issues USING (id)
       ) CYCLE id SET repeats USING path
       SELECT id FROM above WHERE id IS NOT NULL AND NOT repeats ORDER BY distance`,
      [organizationId, id],
    );
    return rows.map((row) => row.id);
  }

  /** The row must be locked. */
  async save(issue: Issue): Promise<void> {
    const { id, organizationId, projectId, number, createdById, createdAt, ...changes } = issue;
    await this.rows.update({ id, organizationId }, changes as QueryDeepPartialEntity<Issue>);
  }

  /** With its comments; what hangs on it hangs on nothing then. */
  async remove({ id, organizationId }: Issue): Promise<void> {
    await this.rows.delete({ id, organizationId });
  }

  private named(realm: Realm, ref: IssueRef): SelectQueryBuilder<Issue> {
    const found = this.within(realm);
    return typeof ref === 'number'
      ? found.andWhere('issue.id = :id', { id: ref })
      : found.andWhere('project.projectKey = :projectKey AND issue.number = :number', ref);
  }

  /** The issues that a realm holds, each with its project. */
  private within({ organizationId, projectId }: Realm): SelectQueryBuilder<Issue> {
    const found = this.rows
      .createQueryBuilder('issue')
      .innerJoin(Project, 'project', 'project.id = issue.projectId')
      .where('issue.organizationId = :organizationId', { organizationId });
    return projectId === null ? found : found.andWhere('issue.projectId = :realmProjectId', { realmProjectId: projectId });
  }
}

function conditions({ projectKey, label, search, ...rest }: IssueFilter): FindOptionsWhere<Issue> {
  return {
    ...rest,
    ...(label !== undefined && { labels: ArrayContains([label]) }),
    ...(search !== undefined && { title: containing(search) }),
  } as FindOptionsWhere<Issue>;
}

/** In one statement for all of them, whoever they are assigned to. */
async function detailsOf(issues: SelectQueryBuilder<Issue>): Promise<IssueDetails[]> {
  const { entities, raw } = await issues
    .leftJoin(Issue, 'parent', 'parent.id = issue.parentId')
    .leftJoin(User, 'assignee', 'assignee.id = issue.assigneeId')
    .addSelect('project.projectKey', 'project_key')
    .addSelect('parent.number', 'parent_number')
    .addSelect('assignee.id', 'assignee_id')
    .addSelect('assignee.name', 'assignee_name')
    .addSelect('assignee.email', 'assignee_email')
    .getRawAndEntities<Beside>();
  return entities.map((issue, index) => detailed(issue, raw[index]));
}

function detailed(issue: Issue, beside: Beside | undefined): IssueDetails {
  if (beside === undefined) throw new Error(`issue ${issue.id} was read without what stands beside it`);
  const { project_key, parent_number, assignee_id, assignee_name, assignee_email } = beside;
  return {
    issue,
    projectKey: project_key,
    parentNumber: parent_number,
    assignee: assignee_id === null ? null : { id: assignee_id, name: assignee_name, email: assignee_email },
  };
}

import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { type FieldFault, type Realm, invalid } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Issue, type IssueFacts } from './domain/issue.js';
import type { IssueDetails } from './domain/issue-details.js';
import type { IssueRef } from './domain/issue-key.js';
import type { JsonObject } from './domain/merge-patch.js';
import { present } from './domain/present.js';
import type { Project } from './domain/project.js';
import type { State } from './domain/workflow.js';
import { type Doer, Happenings } from './happenings.service.js';
import { Members } from './members.service.js';
import { type IssueFilter, IssueRepository } from './storage/issue.repository.js';
import { MilestoneRepository } from './storage/milestone.repository.js';
import { ProjectRepository } from './storage/project.repository.js';

export type { IssueFilter };

/** What an issue points at; null lets go of it. */
interface Links {
  readonly assigneeId?: number | null;
  readonly parent?: IssueRef | null;
  readonly milestoneId?: number | null;
}

export interface IssueChange {
  readonly facts: Partial<IssueFacts>;
  readonly links: Links;
  readonly status?: State;
  /** A merge patch. */
  readonly customFields?: JsonObject;
}

export interface NewIssue extends IssueChange {
  readonly facts: Pick<IssueFacts, 'title'> & Partial<IssueFacts>;
  readonly project: number | string;
}

/** Issues. Whatever gives one its number, its parent or its milestone, or deletes it, does so under its project's lock. */
@Injectable()
export class Issues {
  constructor(
    private readonly database: Database,
    private readonly issues: IssueRepository,
    private readonly projects: ProjectRepository,
    private readonly milestones: MilestoneRepository,
    private readonly members: Members,
    private readonly happenings: Happenings,
    private readonly clock: Clock,
  ) {}

  async list(realm: Realm, filter: IssueFilter, page: PageRequest): Promise<PageOf<IssueDetails>> {
    return this.issues.list(realm, filter, page);
  }

  /** @throws not_found */
  async get(realm: Realm, ref: IssueRef): Promise<IssueDetails> {
    return present(await this.issues.find(realm, ref));
  }

  /** @throws not_found for the project, validation_error */
  async open(doer: Doer, { project: projectRef, facts, links, status, customFields }: NewIssue): Promise<IssueDetails> {
    const { realm, userId } = doer;
    return this.database.transaction(async () => {
      const project = present(await this.projects.lock(realm, projectRef));
      const place = { organizationId: project.organizationId, projectId: project.id, number: await this.projects.takeIssueNumber(project), createdById: userId };
      const issue = Issue.open(place, facts, status, this.clock.now());
      if (customFields !== undefined) issue.customize(customFields, this.clock.now());
      await this.issues.add(issue);
      if (Object.keys(links).length > 0) {
        await this.link(doer, issue, links);
        await this.issues.save(issue);
      }
      return this.get(realm, issue.id);
    });
  }

  /** @throws not_found, validation_error */
  async change(doer: Doer, ref: IssueRef, { facts, links, status, customFields }: IssueChange): Promise<IssueDetails> {
    const { realm } = doer;
    return this.database.transaction(async () => {
      if (links.parent !== undefined || links.milestoneId !== undefined) await this.lockProjectOf(realm, ref);
      const issue = present(await this.issues.lock(realm, ref));
      issue.update(facts, this.clock.now());
      if (customFields !== undefined) issue.customize(customFields, this.clock.now());
      await this.link(doer, issue, links);
      if (status !== undefined && status !== issue.status) await this.move(doer, issue, status, 'status');
      await this.issues.save(issue);
      return this.get(realm, issue.id);
    });
  }

  /** @throws not_found, validation_error where the workflow does not lead there: of many at once, the first moves it and the rest are judged anew */
  async transition(doer: Doer, ref: IssueRef, state: State): Promise<IssueDetails> {
    const { realm } = doer;
    return this.database.transaction(async () => {
      const issue = present(await this.issues.lock(realm, ref));
      await this.move(doer, issue, state, 'state');
      await this.issues.save(issue);
      return this.get(realm, issue.id);
    });
  }

  /** @throws not_found */
  async remove(realm: Realm, ref: IssueRef): Promise<void> {
    await this.database.transaction(async () => {
      await this.lockProjectOf(realm, ref);
      await this.issues.remove(present(await this.issues.lock(realm, ref)));
    });
  }

  /** The one place where an issue moves by the workflow. */
  private async move(doer: Doer, issue: Issue, state: State, field: 'status' | 'state'): Promise<void> {
    const { status: from } = issue;
    issue.moveTo(state, this.clock.now(), field);
    await this.happenings.transitioned(doer, issue, from);
  }

  /** The one place where an issue becomes somebody's, or nobody's. */
  private async assign(doer: Doer, issue: Issue, assigneeId: number | null): Promise<void> {
    issue.assignTo(assigneeId, this.clock.now());
    if (assigneeId !== null) await this.happenings.assigned(doer, issue);
  }

  /** @throws validation_error naming every link that leads nowhere */
  private async link(doer: Doer, issue: Issue, { assigneeId, parent, milestoneId }: Links): Promise<void> {
    const above = parent === undefined || parent === null ? parent : await this.issues.locate(projectRealm(issue), parent);
    const faults = [
      ...(parent && above === null ? [broken('parent_id')] : []),
      ...(milestoneId && !(await this.hasMilestone(issue, milestoneId)) ? [broken('milestone_id')] : []),
      ...(assigneeId && assigneeId !== issue.assigneeId && !(await this.members.isActive(issue.organizationId, assigneeId)) ? [broken('assignee_id')] : []),
    ];
    if (faults.length > 0) throw invalid(...faults);
    if (above !== undefined) issue.hangOn(above === null ? null : { id: above.id, ancestorIds: await this.issues.ancestorIds(above) }, this.clock.now());
    if (milestoneId !== undefined) issue.aimAt(milestoneId, this.clock.now());
    if (assigneeId !== undefined && assigneeId !== issue.assigneeId) await this.assign(doer, issue, assigneeId);
  }

  private async hasMilestone({ projectId, organizationId }: Issue, id: number): Promise<boolean> {
    return (await this.milestones.find({ id: projectId, organizationId }, id)) !== null;
  }

  private async lockProjectOf(realm: Realm, ref: IssueRef): Promise<Project> {
    const { projectId } = present(await this.issues.locate(realm, ref));
    return present(await this.projects.lock(realm, projectId));
  }
}

function projectRealm({ organizationId, projectId }: Issue): Realm {
  return { organizationId, projectId };
}

function broken(field: string): FieldFault {
  return { field, code: 'invalid' };
}

import { Injectable } from '@nestjs/common';
import { Audit, type HappeningKind } from '#audit';
import type { Principal } from '#domain';
import type { Issue } from './domain/issue.js';
import type { Project } from './domain/project.js';

/** Whoever does something in a workspace, and which part of it they see. */
export type Doer = Pick<Principal, 'realm' | 'actor' | 'userId'>;

/** Says what happens in the workspace to whoever cares, by ids: names and texts are looked up by those who need them. */
@Injectable()
export class Happenings {
  constructor(private readonly audit: Audit) {}

  /** An issue became somebody's. */
  async assigned(doer: Doer, issue: Issue): Promise<void> {
    await this.ofIssue('issue.assigned', doer, issue, { assignee_id: issue.assigneeId });
  }

  async transitioned(doer: Doer, issue: Issue, from: string): Promise<void> {
    await this.ofIssue('issue.transitioned', doer, issue, { from, to: issue.status });
  }

  async commented(doer: Doer, issue: Pick<Issue, 'id' | 'organizationId'>, commentId: number): Promise<void> {
    await this.ofIssue('comment.added', doer, issue, { comment_id: commentId });
  }

  async dueSoon(issue: Pick<Issue, 'id' | 'organizationId'>, dueAt: Date): Promise<void> {
    await this.audit.tell({ organizationId: issue.organizationId, actor: null, kind: 'issue.due_soon', target: { type: 'issue', id: issue.id }, metadata: { due_at: dueAt } });
  }

  async projectDeleted({ actor }: Pick<Principal, 'actor'>, { id, organizationId }: Project): Promise<void> {
    await this.audit.tell({ organizationId, actor, kind: 'project.deleted', target: { type: 'project', id }, metadata: {} });
  }

  private async ofIssue(kind: HappeningKind, { actor, userId }: Doer, { id, organizationId }: Pick<Issue, 'id' | 'organizationId'>, more: object): Promise<void> {
    await this.audit.tell({ organizationId, actor, kind, target: { type: 'issue', id }, metadata: { by_user_id: userId, ...more } });
  }
}

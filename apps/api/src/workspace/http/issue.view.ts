import type { IssueDetails } from '../domain/issue-details.js';
import { writtenKey } from '../domain/issue-key.js';

export function issueView({ issue, projectKey, parentNumber, assignee }: IssueDetails) {
  return {
    id: issue.id,
    key: writtenKey(projectKey, issue.number),
    title: issue.title,
    description: issue.description,
    status: issue.status,
    workflow_state: issue.status,
    assignee,
    priority: issue.priority,
    labels: issue.labels,
    issue_type: issue.issueType,
    parent_id: issue.parentId,
    parent_key: parentNumber === null ? null : writtenKey(projectKey, parentNumber),
    milestone_id: issue.milestoneId,
    project_id: issue.projectId,
    project_key: projectKey,
    due_date: issue.dueAt === null ? null : utcDay(issue.dueAt),
    due_at: issue.dueAt,
    custom_fields: issue.customFields,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
  };
}

function utcDay(moment: Date): string {
  return moment.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Issue } from '../domain/issue.js';

export const IssueSchema = new EntitySchema<Issue>({
  name: 'Issue',
  tableName: 'issues',
  target: Issue,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    projectId: reference('project_id'),
    number: { type: 'integer' },
    title: { type: 'text' },
    description: { type: 'text', nullable: true },
    status: { type: 'text' },
    assigneeId: reference('assignee_id', { nullable: true }),
    priority: { type: 'text', nullable: true },
    labels: { type: 'text', array: true },
    issueType: { type: 'text', name: 'issue_type', nullable: true },
    parentId: reference('parent_id', { nullable: true }),
    milestoneId: reference('milestone_id', { nullable: true }),
    dueAt: { type: 'timestamptz', name: 'due_at', nullable: true },
    customFields: { type: 'jsonb', name: 'custom_fields' },
    createdById: reference('created_by_id'),
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

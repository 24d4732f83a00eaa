import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Project } from '../domain/project.js';

export const ProjectSchema = new EntitySchema<Project>({
  name: 'Project',
  tableName: 'projects',
  target: Project,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    name: { type: 'text' },
    projectKey: { type: 'text', name: 'project_key', nullable: true },
    description: { type: 'text', nullable: true },
    status: { type: 'text' },
    visibility: { type: 'text' },
    githubRepoUrl: { type: 'text', name: 'github_repo_url', nullable: true },
    startDate: { type: 'date', name: 'start_date', nullable: true },
    endDate: { type: 'date', name: 'end_date', nullable: true },
    leadId: reference('lead_id', { nullable: true }),
    workflowSyncEnabled: { type: 'boolean', name: 'workflow_sync_enabled' },
    workflowAutoBoards: { type: 'boolean', name: 'workflow_auto_boards' },
    settings: { type: 'jsonb' },
    lastIssueNumber: { type: 'integer', name: 'last_issue_number' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

import type { Project } from '../domain/project.js';

export function projectView(project: Project) {
  return {
    id: project.id,
    name: project.name,
    organization_id: project.organizationId,
    project_key: project.projectKey,
    description: project.description,
    status: project.status,
    visibility: project.visibility,
    github_repo_url: project.githubRepoUrl,
    start_date: project.startDate,
    end_date: project.endDate,
    lead_id: project.leadId,
    workflow_sync_enabled: project.workflowSyncEnabled,
    workflow_auto_boards: project.workflowAutoBoards,
    settings: project.settings,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  };
}

import type { TrackedMilestone } from '../milestones.service.js';

export function milestoneView({ milestone, standing }: TrackedMilestone) {
  return {
    id: milestone.id,
    name: milestone.name,
    description: milestone.description,
    target_date: milestone.targetDate,
    status: milestone.status,
    progress: standing.progress,
    version: milestone.version,
    project_id: milestone.projectId,
    created_by_id: milestone.createdById,
    issue_count: standing.issues.total,
    completed_issue_count: standing.issues.completed,
    overdue: standing.isOverdue,
    days_remaining: standing.daysRemaining,
    created_at: milestone.createdAt,
    updated_at: milestone.updatedAt,
  };
}

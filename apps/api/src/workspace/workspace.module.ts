import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Comments } from './comments.service.js';
import { DueDates } from './due-dates.service.js';
import { Happenings } from './happenings.service.js';
import { AnalyticsController } from './http/analytics.controller.js';
import { CommentsController } from './http/comments.controller.js';
import { IssueSchemaController } from './http/issue-schema.controller.js';
import { IssuesController } from './http/issues.controller.js';
import { MeController } from './http/me.controller.js';
import { MilestonesController } from './http/milestones.controller.js';
import { OrganizationsController } from './http/organizations.controller.js';
import { ProjectsController } from './http/projects.controller.js';
import { RateLimitController } from './http/rate-limit.controller.js';
import { UsersController } from './http/users.controller.js';
import { WorkflowsController } from './http/workflows.controller.js';
import { Issues } from './issues.service.js';
import { Members } from './members.service.js';
import { Milestones } from './milestones.service.js';
import { Organizations } from './organizations.service.js';
import { ProjectEnds } from './project-ends.js';
import { Projects } from './projects.service.js';
import { CommentRepository } from './storage/comment.repository.js';
import { CommentSchema } from './storage/comment.schema.js';
import { IssueRepository } from './storage/issue.repository.js';
import { IssueSchema } from './storage/issue.schema.js';
import { MembershipRepository } from './storage/membership.repository.js';
import { MembershipSchema } from './storage/membership.schema.js';
import { MilestoneIssues } from './storage/milestone-issues.js';
import { MilestoneRepository } from './storage/milestone.repository.js';
import { MilestoneSchema } from './storage/milestone.schema.js';
import { OrganizationRepository } from './storage/organization.repository.js';
import { OrganizationSchema } from './storage/organization.schema.js';
import { ProjectRepository } from './storage/project.repository.js';
import { ProjectSchema } from './storage/project.schema.js';
import { RetiredKeyRepository } from './storage/retired-key.repository.js';
import { UsageRepository } from './storage/usage.repository.js';
import { UserRepository } from './storage/user.repository.js';
import { UserSchema } from './storage/user.schema.js';
import { WorkflowRepository } from './storage/workflow.repository.js';
import { UsageCounts } from './usage.service.js';
import { Users } from './users.service.js';
import { Workflows } from './workflows.service.js';

const CONTROLLERS = [
  ProjectsController, MilestonesController, UsersController, OrganizationsController, RateLimitController, AnalyticsController, MeController,
  // `issues/schema` would be taken for an issue's id by whoever comes first.
  IssueSchemaController, IssuesController, CommentsController, WorkflowsController,
];

const SERVICES = [Happenings, DueDates, ProjectEnds, UsageCounts, Users, Organizations, Members, Projects, Milestones, Issues, Comments, Workflows];

const STORAGE = [
  UsageRepository,
  UserRepository, OrganizationRepository, MembershipRepository, ProjectRepository, RetiredKeyRepository, MilestoneRepository, MilestoneIssues,
  WorkflowRepository, IssueRepository, CommentRepository,
];

const SCHEMAS = [UserSchema, OrganizationSchema, MembershipSchema, ProjectSchema, MilestoneSchema, IssueSchema, CommentSchema];

@Module({
  imports: [TypeOrmModule.forFeature(SCHEMAS)],
  controllers: CONTROLLERS,
  providers: [...SERVICES, ...STORAGE],
  exports: [Users, Organizations, Members, Projects, ProjectEnds, Issues, Comments],
})
export class WorkspaceModule {}

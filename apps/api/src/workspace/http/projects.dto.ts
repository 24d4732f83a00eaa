import { type NewProject, PROJECT_STATUSES, type ProjectFacts, type ProjectStatus, VISIBILITIES, type Visibility } from '../domain/project.js';
import { Day, Flag, Id, Line, OneOf, Prose } from '#request';
import type { ProjectFilter } from '../projects.service.js';
import { ProjectKey, Settings, WebAddress } from './project.fields.js';
import { sent } from './sent.js';

const OPTIONAL = { optional: true } as const;
const OPEN = { optional: true, nullable: true } as const;
const NAME = { max: 100, example: 'Core platform' } as const;

abstract class ProjectBody {
  @ProjectKey() project_key?: string | null;
  @Prose({ max: 10_000, ...OPEN }) description?: string | null;
  @OneOf(PROJECT_STATUSES, OPTIONAL) status?: ProjectStatus;
  @OneOf(VISIBILITIES, OPTIONAL) visibility?: Visibility;
  @WebAddress() github_repo_url?: string | null;
  @Day(OPEN) start_date?: string | null;
  @Day(OPEN) end_date?: string | null;
  @Id(OPEN) lead_id?: number | null;
  @Flag(OPTIONAL) workflow_sync_enabled?: boolean;
  @Flag(OPTIONAL) workflow_auto_boards?: boolean;
  @Settings() settings?: Record<string, unknown>;

  protected get facts(): Partial<Omit<ProjectFacts, 'name'>> {
    return sent<Omit<ProjectFacts, 'name'>>({
      projectKey: this.project_key,
      description: this.description,
      status: this.status,
      visibility: this.visibility,
      githubRepoUrl: this.github_repo_url,
      startDate: this.start_date,
      endDate: this.end_date,
      leadId: this.lead_id,
      workflowSyncEnabled: this.workflow_sync_enabled,
      workflowAutoBoards: this.workflow_auto_boards,
      settings: this.settings,
    });
  }
}

export class CreateProjectBody extends ProjectBody {
  @Line(NAME) name!: string;

  toDomain(): NewProject {
    return { ...this.facts, name: this.name };
  }
}

export class ChangeProjectBody extends ProjectBody {
  @Line({ ...NAME, ...OPTIONAL }) name?: string;

  toDomain(): Partial<ProjectFacts> {
    return { ...this.facts, ...(this.name !== undefined && { name: this.name }) };
  }
}

export class ProjectFilters {
  @OneOf(PROJECT_STATUSES, OPTIONAL) status?: ProjectStatus;
  @OneOf(VISIBILITIES, OPTIONAL) visibility?: Visibility;
  @Line({ max: 100, ...OPTIONAL }) search?: string;

  toDomain(): ProjectFilter {
    return sent<Required<ProjectFilter>>({ status: this.status, visibility: this.visibility, search: this.search });
  }
}

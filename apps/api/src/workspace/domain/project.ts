import { type FieldFault, invalid } from '#domain';

export const PROJECT_STATUSES = ['active', 'archived'] as const;
export const VISIBILITIES = ['private', 'team', 'public'] as const;

export type ProjectStatus = (typeof PROJECT_STATUSES)[number];
/** A label only: who sees the project is decided by the credential. */
export type Visibility = (typeof VISIBILITIES)[number];

/** What its people may say of a project. */
export interface ProjectFacts {
  readonly name: string;
  readonly projectKey: string | null;
  readonly description: string | null;
  readonly status: ProjectStatus;
  readonly visibility: Visibility;
  readonly githubRepoUrl: string | null;
  /** `YYYY-MM-DD`. */
  readonly startDate: string | null;
  /** `YYYY-MM-DD`, never before `startDate`. */
  readonly endDate: string | null;
  readonly leadId: number | null;
  readonly workflowSyncEnabled: boolean;
  readonly workflowAutoBoards: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
}

export type NewProject = Pick<ProjectFacts, 'name'> & Partial<ProjectFacts>;

const UNSAID: Omit<ProjectFacts, 'name'> = {
  projectKey: null,
  description: null,
  status: 'active',
  visibility: 'private',
  githubRepoUrl: null,
  startDate: null,
  endDate: null,
  leadId: null,
  workflowSyncEnabled: false,
  workflowAutoBoards: false,
  settings: {},
};

/** A body of work of one organization; its issues are numbered under its key, from 1 and without gaps. */
export class Project implements ProjectFacts {
  readonly id!: number;
  readonly organizationId!: number;
  name!: string;
  projectKey!: string | null;
  description!: string | null;
  status!: ProjectStatus;
  visibility!: Visibility;
  githubRepoUrl!: string | null;
  startDate!: string | null;
  endDate!: string | null;
  leadId!: number | null;
  workflowSyncEnabled!: boolean;
  workflowAutoBoards!: boolean;
  settings!: Readonly<Record<string, unknown>>;
  lastIssueNumber!: number;
  readonly createdAt!: Date;
  updatedAt!: Date;

  /** @throws validation_error where it would end before it starts */
  static start(organizationId: number, facts: NewProject, now: Date): Project {
    const project = Object.assign(new Project(), { ...UNSAID, ...facts, organizationId, lastIssueNumber: 0, createdAt: now, updatedAt: now });
    project.mustEndAfterItsStart();
    return project;
  }

  /** Changes what is given and leaves the rest. @throws validation_error where it would end before it starts */
  update(changes: Partial<ProjectFacts>, now: Date): void {
    Object.assign(this, changes, { updatedAt: now });
    this.mustEndAfterItsStart();
  }

  /** Takes up a key where its last holder left off, so that no issue's key is ever given twice. */
  numberOnFrom(lastNumberUnderKey: number): void {
    this.lastIssueNumber = Math.max(this.lastIssueNumber, lastNumberUnderKey);
  }

  private mustEndAfterItsStart(): void {
    if (this.startDate !== null && this.endDate !== null && this.endDate < this.startDate) throw invalid(ENDS_TOO_EARLY);
  }
}

const ENDS_TOO_EARLY: FieldFault = { field: 'end_date', code: 'invalid' };

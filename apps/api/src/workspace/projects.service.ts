import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, invalid, type Principal, type Realm } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { present } from './domain/present.js';
import { type NewProject, Project, type ProjectFacts } from './domain/project.js';
import { Happenings } from './happenings.service.js';
import { Members } from './members.service.js';
import { ProjectEnds } from './project-ends.js';
import { OrganizationRepository } from './storage/organization.repository.js';
import { type ProjectFilter, ProjectRepository } from './storage/project.repository.js';
import { RetiredKeyRepository } from './storage/retired-key.repository.js';

export type { ProjectFilter };

/** Projects, and whose issues a key names. Keys change hands while their organization is held, one at a time. */
@Injectable()
export class Projects {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectRepository,
    private readonly retiredKeys: RetiredKeyRepository,
    private readonly organizations: OrganizationRepository,
    private readonly members: Members,
    private readonly ends: ProjectEnds,
    private readonly happenings: Happenings,
    private readonly clock: Clock,
  ) {}

  async list(realm: Realm, filter: ProjectFilter, page: PageRequest): Promise<PageOf<Project>> {
    return this.projects.list(realm, filter, page);
  }

  /** @throws not_found */
  async get(realm: Realm, ref: number | string): Promise<Project> {
    return present(await this.projects.find(realm, ref));
  }

  /** Not deleted until the transaction under way ends. @throws not_found */
  async held(realm: Realm, id: number): Promise<Project> {
    return present(await this.projects.hold(realm, id));
  }

  /** @throws forbidden where the credential is bound to a project, conflict for a key that is taken, validation_error */
  async create(realm: Realm, facts: NewProject): Promise<Project> {
    mustReachAll(realm);
    const project = Project.start(realm.organizationId, facts, this.clock.now());
    return this.database.transaction(async () => {
      // Held before the lead is: whoever removes a member comes by the organization too.
      await this.organizations.hold(realm.organizationId);
      await this.mustBeLedByAMember(project);
      if (project.projectKey !== null) await this.takeKey(project, project.projectKey);
      await this.projects.add(project);
      return project;
    });
  }

  /** @throws not_found, forbidden for another key where the credential is bound to a project, conflict for a key that is taken, validation_error */
  async change(realm: Realm, ref: number | string, changes: Partial<ProjectFacts>): Promise<Project> {
    return this.database.transaction(async () => {
      if (changes.projectKey !== undefined) await this.organizations.hold(realm.organizationId);
      const project = present(await this.projects.lock(realm, ref));
      const { projectKey: formerKey, leadId: formerLead } = project;
      project.update(changes, this.clock.now());
      if (project.leadId !== formerLead) await this.mustBeLedByAMember(project);
      // The keys of all issues hang on it, and a refusal would tell which keys other projects have.
      if (project.projectKey !== formerKey) mustReachAll(realm);
      if (project.projectKey !== formerKey) await this.changeKey(project, formerKey);
      await this.projects.save(project);
      return project;
    });
  }

  /** @throws forbidden where the credential is bound to a project, not_found */
  async remove(actor: Principal, ref: number | string): Promise<void> {
    mustReachAll(actor.realm);
    await this.database.transaction(async () => {
      await this.organizations.hold(actor.organization.id);
      const project = present(await this.projects.lock(actor.realm, ref));
      await this.retireKey(project, project.projectKey);
      await this.ends.tell(actor, project.id);
      await this.happenings.projectDeleted(actor, project);
      await this.projects.remove(project);
    });
  }

  private async changeKey(project: Project, formerKey: string | null): Promise<void> {
    await this.retireKey(project, formerKey);
    if (project.projectKey !== null) await this.takeKey(project, project.projectKey);
  }

  /** @throws conflict */
  private async takeKey(project: Project, key: string): Promise<void> {
    const holder = await this.projects.find({ organizationId: project.organizationId, projectId: null }, key);
    if (holder !== null) throw new DomainError('conflict');
    project.numberOnFrom(await this.retiredKeys.lastNumber(project.organizationId, key));
  }

  private async retireKey({ organizationId, lastIssueNumber }: Project, key: string | null): Promise<void> {
    if (key !== null) await this.retiredKeys.retire(organizationId, key, lastIssueNumber);
  }

  /** @throws validation_error */
  private async mustBeLedByAMember({ organizationId, leadId }: Project): Promise<void> {
    if (leadId !== null && !(await this.members.isActive(organizationId, leadId))) throw invalid({ field: 'lead_id', code: 'invalid' });
  }
}

/** An extension lives in its project: it neither founds others, nor ends or renames the key of its own. */
function mustReachAll({ projectId }: Realm): void {
  if (projectId !== null) throw new DomainError('forbidden');
}

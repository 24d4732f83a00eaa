import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, type Principal, type Realm } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Milestone, type MilestoneFacts, type MilestoneStanding, type NewMilestone } from './domain/milestone.js';
import { present } from './domain/present.js';
import type { Project } from './domain/project.js';
import { MilestoneIssues } from './storage/milestone-issues.js';
import { type MilestoneFilter, MilestoneRepository } from './storage/milestone.repository.js';
import { ProjectRepository } from './storage/project.repository.js';

export type { MilestoneFilter };

/** A milestone, and how far it has come today. */
export interface TrackedMilestone {
  readonly milestone: Milestone;
  readonly standing: MilestoneStanding;
}

/** The milestones of a project, which is named by its id or its key. */
@Injectable()
export class Milestones {
  constructor(
    private readonly database: Database,
    private readonly milestones: MilestoneRepository,
    private readonly issues: MilestoneIssues,
    private readonly projects: ProjectRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws not_found for the project */
  async list(realm: Realm, projectRef: number | string, filter: MilestoneFilter, page: PageRequest): Promise<PageOf<TrackedMilestone>> {
    const project = present(await this.projects.find(realm, projectRef));
    const { rows, total } = await this.milestones.list(project, filter, page);
    return { rows: await this.tracked(rows), total };
  }

  /** @throws not_found */
  async get(realm: Realm, projectRef: number | string, id: number): Promise<TrackedMilestone> {
    const project = present(await this.projects.find(realm, projectRef));
    return this.trackedOne(present(await this.milestones.find(project, id)));
  }

  /** @throws not_found for the project */
  async create({ realm, userId }: Pick<Principal, 'realm' | 'userId'>, projectRef: number | string, facts: NewMilestone): Promise<TrackedMilestone> {
    return this.database.transaction(async () => {
      const milestone = Milestone.plan(await this.held(realm, projectRef), facts, userId, this.clock.now());
      await this.milestones.add(milestone);
      return this.trackedOne(milestone);
    });
  }

  /** @throws not_found */
  async change(realm: Realm, projectRef: number | string, id: number, changes: Partial<MilestoneFacts>): Promise<TrackedMilestone> {
    return this.database.transaction(async () => {
      const project = await this.held(realm, projectRef);
      const milestone = present(await this.milestones.lock(project, id));
      milestone.update(changes, this.clock.now());
      await this.milestones.save(milestone);
      return this.trackedOne(milestone);
    });
  }

  /** @throws not_found */
  async remove(realm: Realm, projectRef: number | string, id: number): Promise<void> {
    await this.database.transaction(async () => {
      const project = await this.held(realm, projectRef);
      if (!(await this.milestones.remove(project, id))) throw new DomainError('not_found');
    });
  }

  private async held(realm: Realm, projectRef: number | string): Promise<Project> {
    return present(await this.projects.hold(realm, projectRef));
  }

  private async trackedOne(milestone: Milestone): Promise<TrackedMilestone> {
    const tallyOf = await this.issues.tally([milestone]);
    return { milestone, standing: milestone.standing(tallyOf(milestone), this.clock.now()) };
  }

  private async tracked(milestones: readonly Milestone[]): Promise<TrackedMilestone[]> {
    const tallyOf = await this.issues.tally(milestones);
    const now = this.clock.now();
    return milestones.map((milestone) => ({ milestone, standing: milestone.standing(tallyOf(milestone), now) }));
  }
}

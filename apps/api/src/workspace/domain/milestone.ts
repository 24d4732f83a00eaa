const DAY_MS = 24 * 60 * 60 * 1000;

export const MILESTONE_STATUSES = ['planning', 'active', 'completed', 'cancelled'] as const;

export type MilestoneStatus = (typeof MILESTONE_STATUSES)[number];

/** What its people may say of a milestone. */
export interface MilestoneFacts {
  readonly name: string;
  readonly description: string | null;
  /** `YYYY-MM-DD`. */
  readonly targetDate: string | null;
  readonly status: MilestoneStatus;
  readonly version: string | null;
}

export type NewMilestone = Pick<MilestoneFacts, 'name'> & Partial<MilestoneFacts>;

/** The issues of a milestone; cancelled ones are in neither number. */
export interface IssueTally {
  readonly total: number;
  readonly completed: number;
}

/** How far a milestone has come, on a given day. */
export interface MilestoneStanding {
  readonly issues: IssueTally;
  /** In whole percent. */
  readonly progress: number;
  readonly isOverdue: boolean;
  /** Negative after the target date; null without one. */
  readonly daysRemaining: number | null;
}

const UNSAID: Omit<MilestoneFacts, 'name'> = { description: null, targetDate: null, status: 'planning', version: null };

/** A goal of one project, by a day or without one, that issues count towards. */
export class Milestone implements MilestoneFacts {
  readonly id!: number;
  readonly organizationId!: number;
  readonly projectId!: number;
  name!: string;
  description!: string | null;
  targetDate!: string | null;
  status!: MilestoneStatus;
  version!: string | null;
  readonly createdById!: number;
  readonly createdAt!: Date;
  updatedAt!: Date;

  static plan(project: { id: number; organizationId: number }, facts: NewMilestone, createdById: number, now: Date): Milestone {
    const { id: projectId, organizationId } = project;
    return Object.assign(new Milestone(), { ...UNSAID, ...facts, organizationId, projectId, createdById, createdAt: now, updatedAt: now });
  }

  /** Changes what is given and leaves the rest. */
  update(changes: Partial<MilestoneFacts>, now: Date): void {
    Object.assign(this, changes, { updatedAt: now });
  }

  standing(issues: IssueTally, now: Date): MilestoneStanding {
    const daysRemaining = this.targetDate === null ? null : daysUntil(this.targetDate, now);
    const isOverdue = this.isOpen && daysRemaining !== null && daysRemaining < 0;
    return { issues, progress: this.progress(issues), isOverdue, daysRemaining };
  }

  private progress({ total, completed }: IssueTally): number {
    if (total === 0) return this.status === 'completed' ? 100 : 0;
    return Math.round((completed / total) * 100);
  }

  private get isOpen(): boolean {
    return this.status === 'planning' || this.status === 'active';
  }
}

/** A day begins and ends in UTC. */
function daysUntil(day: string, now: Date): number {
  return Math.round(Date.parse(day) / DAY_MS) - Math.floor(now.getTime() / DAY_MS);
}

import { Day, Line, OneOf, Prose } from '#request';
import { MILESTONE_STATUSES, type MilestoneFacts, type MilestoneStatus, type NewMilestone } from '../domain/milestone.js';
import type { MilestoneFilter } from '../milestones.service.js';
import { sent } from './sent.js';

const OPTIONAL = { optional: true } as const;
const OPEN = { optional: true, nullable: true } as const;
const NAME = { max: 200, example: 'Version 2' } as const;

abstract class MilestoneBody {
  @Prose({ max: 10_000, ...OPEN }) description?: string | null;
  @Day(OPEN) target_date?: string | null;
  @OneOf(MILESTONE_STATUSES, OPTIONAL) status?: MilestoneStatus;
  @Line({ max: 50, example: '2.0.0', ...OPEN }) version?: string | null;

  protected get facts(): Partial<Omit<MilestoneFacts, 'name'>> {
    return sent<Omit<MilestoneFacts, 'name'>>({
      description: this.description,
      targetDate: this.target_date,
      status: this.status,
      version: this.version,
    });
  }
}

export class CreateMilestoneBody extends MilestoneBody {
  @Line(NAME) name!: string;

  toDomain(): NewMilestone {
    return { ...this.facts, name: this.name };
  }
}

export class ChangeMilestoneBody extends MilestoneBody {
  @Line({ ...NAME, ...OPTIONAL }) name?: string;

  toDomain(): Partial<MilestoneFacts> {
    return { ...this.facts, ...(this.name !== undefined && { name: this.name }) };
  }
}

export class MilestoneFilters {
  @OneOf(MILESTONE_STATUSES, OPTIONAL) status?: MilestoneStatus;

  toDomain(): MilestoneFilter {
    return sent<Required<MilestoneFilter>>({ status: this.status });
  }
}

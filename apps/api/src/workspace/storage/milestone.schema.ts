import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Milestone } from '../domain/milestone.js';

export const MilestoneSchema = new EntitySchema<Milestone>({
  name: 'Milestone',
  tableName: 'milestones',
  target: Milestone,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    projectId: reference('project_id'),
    name: { type: 'text' },
    description: { type: 'text', nullable: true },
    targetDate: { type: 'date', name: 'target_date', nullable: true },
    status: { type: 'text' },
    version: { type: 'text', nullable: true },
    createdById: reference('created_by_id'),
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

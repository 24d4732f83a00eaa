import { Module } from '@nestjs/common';
import { AuditTrail } from './audit-trail.service.js';
import { AuditCheckpointsController } from './http/audit-checkpoints.controller.js';
import { AuditEventsController } from './http/audit-events.controller.js';
import { AuditKeysController } from './http/audit-keys.controller.js';
import { EventRepository } from './storage/event.repository.js';
import { NameRepository } from './storage/name.repository.js';

@Module({
  controllers: [AuditEventsController, AuditCheckpointsController, AuditKeysController],
  providers: [AuditTrail, EventRepository, NameRepository],
})
export class AuditTrailModule {}

import { Module } from '@nestjs/common';
import { WorkspaceModule } from '../workspace/index.js';
import { Admission } from './cable/admission.service.js';
import { CableGateway } from './cable/cable.gateway.js';
import { Connections } from './cable/connections.service.js';
import { Resumptions } from './cable/resumptions.service.js';
import { Streams } from './cable/streams.service.js';
import { Subscriptions } from './cable/subscriptions.service.js';
import { Digests } from './delivery/digests.service.js';
import { DemoController } from './http/demo.controller.js';
import { NotificationsController } from './http/notifications.controller.js';
import { PreferencesController } from './http/preferences.controller.js';
import { Inbox } from './inbox.service.js';
import { Notifier } from './notifier.service.js';
import { Preferences } from './preferences.service.js';
import { Sending } from './sending.service.js';
import { IdempotencyRepository } from './storage/idempotency.repository.js';
import { InboxRepository } from './storage/inbox.repository.js';
import { NotificationMailRepository } from './storage/mail.repository.js';
import { PreferenceRepository } from './storage/preference.repository.js';
import { ResumptionRepository } from './storage/resumption.repository.js';
import { WorkspaceNews } from './workspace-news.service.js';

const SERVICES = [Inbox, Notifier, Sending, Preferences, WorkspaceNews, Digests];

const CABLE = [CableGateway, Admission, Connections, Streams, Subscriptions, Resumptions];

const STORAGE = [InboxRepository, PreferenceRepository, NotificationMailRepository, IdempotencyRepository, ResumptionRepository];

@Module({
  imports: [WorkspaceModule],
  controllers: [NotificationsController, PreferencesController, DemoController],
  providers: [...SERVICES, ...CABLE, ...STORAGE],
  exports: [Notifier],
})
export class NotificationsModule {}

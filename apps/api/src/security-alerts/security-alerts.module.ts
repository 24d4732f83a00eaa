import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NotificationsModule } from '../notifications/index.js';
import { WorkspaceModule } from '../workspace/index.js';
import { Alarms } from './alarms.service.js';
import { AlertSettings } from './alert-settings.service.js';
import { AlertWording } from './alert-wording.service.js';
import { AlertDeliveries } from './delivery/alert-deliveries.service.js';
import { SlackMessages } from './delivery/slack-messages.service.js';
import { AlertSettingsController } from './http/alert-settings.controller.js';
import { ConfirmationController } from './http/confirmation.controller.js';
import { LeakedCredentialsController } from './http/leaked-credentials.controller.js';
import { SecurityAlertsController } from './http/security-alerts.controller.js';
import { LeakedCredentials } from './leaked-credentials.service.js';
import { Reductions } from './reductions.service.js';
import { SecurityAlerts } from './security-alerts.service.js';
import { SuspiciousActs } from './sources/acts.service.js';
import { FailedLogins } from './sources/failed-logins.service.js';
import { SuspiciousRequests } from './sources/requests.service.js';
import { AlertActionRepository } from './storage/alert-action.repository.js';
import { AlertSettingsRepository } from './storage/alert-settings.repository.js';
import { CredentialNetworkRepository } from './storage/credential-network.repository.js';
import { FailedLoginRepository } from './storage/failed-login.repository.js';
import { RefusalRepository } from './storage/refusal.repository.js';
import { SecurityAlertRepository } from './storage/security-alert.repository.js';
import { SecurityAlertSchema } from './storage/security-alert.schema.js';
import { AlertSweeper } from './sweeper.service.js';

const SERVICES = [SecurityAlerts, AlertSettings, AlertWording, Alarms, AlertDeliveries, SlackMessages, Reductions, LeakedCredentials, AlertSweeper];

const SOURCES = [SuspiciousActs, SuspiciousRequests, FailedLogins];

const STORAGE = [SecurityAlertRepository, AlertSettingsRepository, AlertActionRepository, FailedLoginRepository, RefusalRepository, CredentialNetworkRepository];

@Module({
  imports: [WorkspaceModule, NotificationsModule, TypeOrmModule.forFeature([SecurityAlertSchema])],
  controllers: [SecurityAlertsController, AlertSettingsController, LeakedCredentialsController, ConfirmationController],
  providers: [...SERVICES, ...SOURCES, ...STORAGE],
})
export class SecurityAlertsModule {}

import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database } from '#database';
import { DomainError, type Locale, type Principal } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { AlertWording } from './alert-wording.service.js';
import type { SecurityAlert } from './domain/security-alert.js';
import { SecurityAlertRepository } from './storage/security-alert.repository.js';

/** An alert with its sentence in the reader's language. */
export interface ToldAlert {
  readonly alert: SecurityAlert;
  readonly message: string;
}

/** The organization's alerts, as its admins see them. */
@Injectable()
export class SecurityAlerts {
  constructor(
    private readonly database: Database,
    private readonly alerts: SecurityAlertRepository,
    private readonly wording: AlertWording,
    private readonly audit: Audit,
  ) {}

  async list({ organization }: Principal, page: PageRequest, locale: Locale): Promise<PageOf<ToldAlert>> {
    const { rows, total } = await this.alerts.list(organization.id, page);
    return { rows: rows.map((alert) => this.told(alert, locale)), total };
  }

  /** A second time changes nothing. @throws not_found */
  async acknowledge({ organization, actor }: Principal, id: number, locale: Locale): Promise<ToldAlert> {
    return this.database.transaction(async () => {
      const isFirst = await this.alerts.acknowledge(organization.id, id, await this.database.time());
      const alert = await this.alerts.find(organization.id, id);
      if (alert === null) throw new DomainError('not_found');
      // Whoever breaks in as an admin would silence alerts first: who did it is not forgotten.
      if (isFirst) {
        const target = { type: 'security_alert', id } as const;
        await this.audit.record({ chain: { organizationId: organization.id }, actor, action: 'security_alert.acknowledged', target, metadata: { type: alert.type } });
      }
      return this.told(alert, locale);
    });
  }

  private told(alert: SecurityAlert, locale: Locale): ToldAlert {
    return { alert, message: this.wording.message(alert, locale) };
  }
}

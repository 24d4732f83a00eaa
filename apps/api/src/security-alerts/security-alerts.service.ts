import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
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
    private readonly clock: Clock,
  ) {}

  async list({ organization }: Principal, page: PageRequest, locale: Locale): Promise<PageOf<ToldAlert>> {
    const { rows, total } = await this.alerts.list(organization.id, page);
    return { rows: rows.map((alert) => this.told(alert, locale)), total };
  }

  /** A second time changes nothing. @throws not_found */
  async acknowledge({ organization }: Principal, id: number, locale: Locale): Promise<ToldAlert> {
    const alert = await this.alerts.acknowledge(organization.id, id, this.clock.at(await this.database.time()));
    if (alert === null) throw new DomainError('not_found');
    return this.told(alert, locale);
  }

  private told(alert: SecurityAlert, locale: Locale): ToldAlert {
    return { alert, message: this.wording.message(alert, locale) };
  }
}

import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { type Rule, rulesOf } from './domain/rules.js';
import { SecurityAlert, type Suspicion } from './domain/security-alert.js';
import { AlertDeliveries } from './delivery/alert-deliveries.service.js';
import { SecurityAlertRepository } from './storage/security-alert.repository.js';

const MINUTE_MS = 60_000;

/** Judges what sources suspect: the first of its cause and subject becomes an alert and is told, what follows is counted. */
@Injectable()
export class Alarms {
  readonly rules;
  private readonly cooldownMs: number;

  constructor(
    config: Config,
    private readonly alerts: SecurityAlertRepository,
    private readonly deliveries: AlertDeliveries,
  ) {
    this.rules = rulesOf(config.alerts);
    this.cooldownMs = config.alerts.cooldownMinutes * MINUTE_MS;
  }

  /** In the transaction under way. All subjects are held first, in an order that all instances keep: so that no two wait for each other. */
  async judge(suspicions: readonly Suspicion[]): Promise<void> {
    const inOrder = [...suspicions].sort(byPlace);
    for (const suspicion of inOrder) await this.alerts.holdSubject(suspicion);
    for (const suspicion of inOrder) await this.judgeOne(suspicion);
  }

  private async judgeOne(suspicion: Suspicion): Promise<void> {
    const rule: Rule = this.rules[suspicion.type];
    const open = await this.alerts.open(suspicion, new Date(suspicion.at.getTime() - this.cooldownMs));
    if (open !== null) {
      open.repeat(suspicion);
      return this.alerts.save(open);
    }
    if (suspicion.total < rule.threshold) return;
    const alert = SecurityAlert.raise(suspicion, rule);
    await this.alerts.add(alert);
    await this.deliveries.queue(alert, suspicion.reducible ?? null);
  }
}

function byPlace(one: Suspicion, other: Suspicion): number {
  const place = ({ organizationId, type, subject }: Suspicion): string => [organizationId, type, subject.type, subject.id ?? subject.name].join(' ');
  return place(one).localeCompare(place(other)) || one.at.getTime() - other.at.getTime();
}

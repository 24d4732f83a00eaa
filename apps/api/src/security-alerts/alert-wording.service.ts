import { Injectable } from '@nestjs/common';
import type { Locale } from '#domain';
import { Translator } from '#locale';
import type { SecurityAlert } from './domain/security-alert.js';

/** Says what an alert is about, in a reader's language. */
@Injectable()
export class AlertWording {
  constructor(private readonly translator: Translator) {}

  title({ type }: SecurityAlert, locale: Locale): string {
    return this.translator.sentence(locale, `alerts.types.${type}.title`);
  }

  message(alert: SecurityAlert, locale: Locale): string {
    return this.translator.sentence(locale, `alerts.types.${alert.type}.message`, {
      subject: this.subject(alert, locale),
      ip: alert.ip ?? '–',
      count: String(alert.count),
      source: alert.sourceUrl ?? '–',
    });
  }

  subject({ subjectType, subjectName, tokenPrefix }: SecurityAlert, locale: Locale): string {
    const name = this.translator.sentence(locale, `alerts.subjects.${subjectType}`, { name: subjectName });
    return tokenPrefix === null ? name : `${name} (${tokenPrefix})`;
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { Config } from '#config';
import { DomainError, type Locale } from '#domain';
import { Jobs } from '#jobs';
import { Translator } from '#locale';
import { Mailer, oneLine } from '#mail';
import { Secrets } from '#secrets';
import { Notifier } from '../../notifications/index.js';
import { type Product, Products } from '../../products/index.js';
import { canonicalEmail, Members, Organizations, type User } from '../../workspace/index.js';
import { AlertSettings } from '../alert-settings.service.js';
import { AlertWording } from '../alert-wording.service.js';
import { escapedForSlack } from '../domain/slack-address.js';
import type { Reducible, SecurityAlert } from '../domain/security-alert.js';
import { Reductions } from '../reductions.service.js';
import { SLACK_QUEUE } from './slack-queue.js';

/** Whom a mail reaches, and in which language. */
interface Addressee {
  readonly email: string;
  readonly locale: Locale;
}

/** Tells an alert by mail, to Slack and in inboxes: all of it is queued in the transaction that raises it, and so once. */
@Injectable()
export class AlertDeliveries {
  private readonly logger = new Logger(AlertDeliveries.name);

  constructor(
    private readonly settings: AlertSettings,
    private readonly reductions: Reductions,
    private readonly organizations: Organizations,
    private readonly members: Members,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly jobs: Jobs,
    private readonly notifier: Notifier,
    private readonly wording: AlertWording,
    private readonly translator: Translator,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  async queue(alert: SecurityAlert, reducible: Reducible | null): Promise<void> {
    const organization = await this.organizations.byId(alert.organizationId);
    if (organization === null) return;
    const product = await this.products.byId(organization.productId);
    const admins = await this.members.admins(organization.id);
    const token = reducible === null ? null : await this.reductions.offer(alert, reducible);
    const link = (locale: Locale): string | null => (token === null ? null : `${this.config.publicUrl}/security_alerts/confirm?token=${token}&locale=${locale}`);
    const { emails, hasSlack } = await this.settings.recipients(organization.id);
    for (const addressee of addressees(emails, admins, product.defaultLocale)) {
      await this.mail(alert, addressee, product, organization.name, link(addressee.locale));
    }
    if (hasSlack) await this.jobs.enqueue(SLACK_QUEUE, { organizationId: organization.id, text: this.slackText(alert, product, organization.name, link(product.defaultLocale)) });
    await this.notify(alert, admins);
  }

  /** An address that no mail server would read as one must not keep the others waiting. */
  private async mail(alert: SecurityAlert, { email, locale }: Addressee, product: Product, organizationName: string, link: string | null): Promise<void> {
    const { type, subjectType, subjectName, tokenPrefix, ip, count, sourceUrl, firstSeenAt } = alert;
    const subject = { type: subjectType, name: subjectName, tokenPrefix };
    try {
      await this.mailer.deliver({
        id: this.secrets.randomId(),
        to: { email },
        locale,
        brand: this.products.brandOf(product),
        message: { template: 'security_alert', type, subject, organizationName, ip, count, sourceUrl, at: firstSeenAt.toISOString(), link },
      });
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'invalid') throw error;
      this.logger.warn({ msg: 'an alert has an addressee whom no mail reaches', alert: alert.id });
    }
  }

  private slackText(alert: SecurityAlert, product: Product, organizationName: string, link: string | null): string {
    const locale = product.defaultLocale;
    const { productName } = this.products.brandOf(product);
    const lines = [
      `${productName}: ${this.wording.title(alert, locale)}`,
      this.wording.message(alert, locale),
      this.translator.sentence(locale, 'alerts.slack.organization', { organization: organizationName }),
    ].map((line) => escapedForSlack(oneLine(line)));
    return [...lines, ...(link === null ? [] : [`<${escapedForSlack(link)}|${this.translator.sentence(locale, 'alerts.slack.link')}>`])].join('\n');
  }

  private async notify(alert: SecurityAlert, admins: readonly User[]): Promise<void> {
    const reachable = await this.members.reachable(alert.organizationId, admins.map(({ id }) => id));
    const drafts = reachable.map(({ membershipId, locale }) => ({
      membershipId,
      type: 'security_alert',
      title: this.wording.title(alert, locale),
      message: this.wording.message(alert, locale),
      url: '/security_alerts',
    }));
    await this.notifier.tell(alert.organizationId, drafts);
  }
}

/** Those who are named, else the admins; an admin who is named reads their own language. */
function addressees(emails: readonly string[], admins: readonly User[], otherwise: Locale): Addressee[] {
  if (emails.length === 0) return admins.map(({ email, locale }) => ({ email, locale }));
  const known = new Map(admins.map(({ email, locale }) => [canonicalEmail(email), locale]));
  return emails.map((email) => ({ email, locale: known.get(canonicalEmail(email)) ?? otherwise }));
}

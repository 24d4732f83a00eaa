import { Injectable } from '@nestjs/common';
import { Revocables } from '#access';
import { Database } from '#database';
import type { Locale } from '#domain';
import type { Brand } from '#mail';
import { Secrets } from '#secrets';
import { Products } from '../products/index.js';
import { Organizations } from '../workspace/index.js';
import { AlertWording } from './alert-wording.service.js';
import type { Reducible, SecurityAlert } from './domain/security-alert.js';
import { type AlertAction, AlertActionRepository } from './storage/alert-action.repository.js';
import { SecurityAlertRepository } from './storage/security-alert.repository.js';

const SCHEME = 'kal_';
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** What a link would end, as its page says it. */
export interface Offer {
  readonly subject: string;
  readonly organizationName: string;
  readonly brand: Brand;
}

/**
 * Links by which a reader of an alert ends the access that it is about. Looking at one does nothing, since mail scanners
 * look at every link; confirmed, it works once, and whatever it does only reduces access.
 */
@Injectable()
export class Reductions {
  constructor(
    private readonly database: Database,
    private readonly actions: AlertActionRepository,
    private readonly alerts: SecurityAlertRepository,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly revocables: Revocables,
    private readonly wording: AlertWording,
    private readonly secrets: Secrets,
  ) {}

  /** The link's token, told this once; in the transaction under way. */
  async offer({ id, organizationId, firstSeenAt }: SecurityAlert, { kind, credentialId }: Reducible): Promise<string> {
    const { plaintext, digest } = this.secrets.generate(SCHEME);
    const action = { alert_id: id, organization_id: organizationId, credential_kind: kind, credential_id: credentialId };
    await this.actions.add(digest, action, new Date(firstSeenAt.getTime() + LIFETIME_MS));
    return plaintext;
  }

  /** Null for a link that is used, expired or nobody's. */
  async look(token: string, locale: Locale): Promise<Offer | null> {
    if (!this.secrets.isWellFormed(SCHEME, token)) return null;
    const action = await this.actions.find(this.secrets.digest(token), await this.database.time());
    return action === null ? null : this.offerOf(action, locale);
  }

  /** Null where there was nothing left to end, as for a link that was used. */
  async confirm(token: string, locale: Locale): Promise<Offer | null> {
    if (!this.secrets.isWellFormed(SCHEME, token)) return null;
    return this.database.transaction(async () => {
      const action = await this.actions.take(this.secrets.digest(token), await this.database.time());
      if (action === null) return null;
      const actor = { type: 'security_alert', id: action.alert_id } as const;
      const ended = await this.revocables.of(action.credential_kind).end(action.organization_id, action.credential_id, { actor, reason: 'confirmed_alert' });
      return ended ? this.offerOf(action, locale) : null;
    });
  }

  private async offerOf({ alert_id: alertId, organization_id: organizationId }: AlertAction, locale: Locale): Promise<Offer | null> {
    const alert = await this.alerts.find(organizationId, alertId);
    const organization = await this.organizations.byId(organizationId);
    if (alert === null || organization === null) return null;
    const brand = this.products.brandOf(await this.products.byId(organization.productId));
    return { subject: this.wording.subject(alert, locale), organizationName: organization.name, brand };
  }
}

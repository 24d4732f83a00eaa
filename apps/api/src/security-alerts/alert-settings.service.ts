import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Config } from '#config';
import { Database } from '#database';
import { invalid, type Principal } from '#domain';
import { BrokenSeal, SealedBox } from '#secrets';
import { isSlackAddress, maskedAddress } from './domain/slack-address.js';
import { AlertSettingsRepository } from './storage/alert-settings.repository.js';

/** As an admin sees them. */
export interface ShownSettings {
  readonly emails: readonly string[];
  /** Masked. */
  readonly slackWebhookUrl: string | null;
}

/** What is left out stays. */
export interface SettingsChange {
  readonly emails?: readonly string[] | undefined;
  readonly slackWebhookUrl?: string | null | undefined;
}

/** Whom an organization's alerts reach. The Slack address is a secret: whoever has it can write there. */
@Injectable()
export class AlertSettings {
  constructor(
    private readonly database: Database,
    private readonly stored: AlertSettingsRepository,
    private readonly box: SealedBox,
    private readonly config: Config,
    private readonly audit: Audit,
  ) {}

  async show({ organization }: Principal): Promise<ShownSettings> {
    const { emails, sealed_slack_url: sealed } = await this.stored.of(organization.id);
    const address = this.present(organization.id, sealed);
    return { emails, slackWebhookUrl: address === null ? null : maskedAddress(address) };
  }

  /** The mask itself keeps the address. @throws validation_error */
  async change(admin: Principal, { emails, slackWebhookUrl }: SettingsChange): Promise<ShownSettings> {
    const organizationId = admin.organization.id;
    return this.database.transaction(async () => {
      const now = await this.database.time();
      const before = await this.stored.lock(organizationId, now);
      const sealed = this.sealedFrom(organizationId, before.sealed_slack_url, slackWebhookUrl);
      const changed = [
        ...(emails !== undefined && JSON.stringify(emails) !== JSON.stringify(before.emails) ? ['emails'] : []),
        ...(sealed !== before.sealed_slack_url ? ['slack_webhook_url'] : []),
      ];
      if (changed.length > 0) {
        await this.stored.save(organizationId, emails ?? before.emails, sealed, now);
        const target = { type: 'organization', id: organizationId } as const;
        await this.audit.record({ chain: { organizationId }, actor: admin.actor, action: 'settings.changed', target, metadata: { changed: changed.map((name) => `security_alerts.${name}`) } });
      }
      return this.show(admin);
    });
  }

  async recipients(organizationId: number): Promise<{ emails: readonly string[]; hasSlack: boolean }> {
    const { emails, sealed_slack_url: sealed } = await this.stored.of(organizationId);
    return { emails, hasSlack: sealed !== null };
  }

  /** Judged again: what was let in under other settings is not called. */
  async slackAddress(organizationId: number): Promise<string | null> {
    const { sealed_slack_url: sealed } = await this.stored.of(organizationId);
    const address = sealed === null ? null : this.opened(organizationId, sealed);
    return address !== null && isSlackAddress(address, this.config.alerts.allowHttp) ? address : null;
  }

  private sealedFrom(organizationId: number, before: Buffer | null, given: string | null | undefined): Buffer | null {
    if (given === undefined) return before;
    if (given === null) return null;
    const present = this.present(organizationId, before);
    if (present !== null && (given === maskedAddress(present) || given === present)) return before;
    if (!isSlackAddress(given, this.config.alerts.allowHttp)) throw invalid({ field: 'slack_webhook_url', code: 'invalid' });
    return this.box.seal(given, sealContext(organizationId));
  }

  /** Null also for one that was changed where it is stored: an admin sees that it must be set anew, and can. */
  private present(organizationId: number, sealed: Buffer | null): string | null {
    try {
      return sealed === null ? null : this.opened(organizationId, sealed);
    } catch (error) {
      if (error instanceof BrokenSeal) return null;
      throw error;
    }
  }

  private opened(organizationId: number, sealed: Buffer): string {
    return this.box.open(sealed, sealContext(organizationId)).toString('utf8');
  }
}

function sealContext(organizationId: number): string {
  return `security_alert_settings/${organizationId}`;
}

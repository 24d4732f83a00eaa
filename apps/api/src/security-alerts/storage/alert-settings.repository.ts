import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Whom an organization's alerts reach. */
interface StoredSettings extends Record<string, unknown> {
  readonly emails: readonly string[];
  readonly sealed_slack_url: Buffer | null;
}

@Injectable()
export class AlertSettingsRepository {
  constructor(private readonly database: Database) {}

  async of(organizationId: number): Promise<StoredSettings> {
    const [stored] = await this.database.query<StoredSettings>('SELECT emails, sealed_slack_url FROM security_alert_settings WHERE organization_id = $1', [organizationId]);
    return stored ?? { emails: [], sealed_slack_url: null };
  }

  /** The row, made if it is missing, locked until the transaction ends. */
  async lock(organizationId: number, now: Date): Promise<StoredSettings> {
    await this.database.query(`INSERT INTO security_alert_settings (organization_id, emails, updated_at) VALUES ($1, '{}', $2) ON CONFLICT DO NOTHING`, [organizationId, now]);
    await this.database.query('SELECT 1 FROM security_alert_settings WHERE organization_id = $1 FOR UPDATE', [organizationId]);
    return this.of(organizationId);
  }

  async save(organizationId: number, emails: readonly string[], sealedSlackUrl: Buffer | null, now: Date): Promise<void> {
    await this.database.query('UPDATE security_alert_settings SET emails = $2, sealed_slack_url = $3, updated_at = $4 WHERE organization_id = $1', [organizationId, emails, sealedSlackUrl, now]);
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CredentialKind } from '#domain';

/** What a link in an alert ends. */
export interface AlertAction extends Record<string, unknown> {
  readonly alert_id: number;
  readonly organization_id: number;
  readonly credential_kind: CredentialKind;
  readonly credential_id: number;
}

const FACTS = 'alert_id, organization_id, credential_kind, credential_id';

@Injectable()
export class AlertActionRepository {
  constructor(private readonly database: Database) {}

  async add(digest: Buffer, { alert_id, organization_id, credential_kind, credential_id }: AlertAction, expiresAt: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO security_alert_actions (digest, ${FACTS}, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [digest, alert_id, organization_id, credential_kind, credential_id, expiresAt],
    );
  }

  /** One that can still be taken. */
  async find(digest: Buffer, now: Date): Promise<AlertAction | null> {
    const [action] = await this.database.query<AlertAction>(`SELECT ${FACTS} FROM security_alert_actions WHERE digest = $1 AND used_at IS NULL AND expires_at > $2`, [digest, now]);
    return action ?? null;
  }

  /** Takes it, once: of several at once, one does. */
  async take(digest: Buffer, now: Date): Promise<AlertAction | null> {
    const [action] = await this.database.query<AlertAction>(
      `UPDATE security_alert_actions SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2 RETURNING ${FACTS}`,
      [digest, now],
    );
    return action ?? null;
  }

  async forgetExpired(before: Date): Promise<void> {
    await this.database.query('DELETE FROM security_alert_actions WHERE expires_at < $1', [before]);
  }
}

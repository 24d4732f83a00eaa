import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Whose request it was, under the key that they gave it. */
export interface RequestName {
  readonly organizationId: number;
  readonly actor: string;
  readonly key: string;
}

export interface RememberedRequest<Answer> {
  readonly digest: Buffer;
  readonly answer: Answer;
}

/** Requests that name themselves, for a day: what is sent again is answered again and done once. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /** True for the first; a second at the same time waits for the first to end. One that is older than `since` is forgotten. */
  async begin({ organizationId, actor, key }: RequestName, digest: Buffer, since: Date, now: Date): Promise<boolean> {
    const begun = await this.database.query(
      `INSERT INTO notification_requests AS r (organization_id, actor, idempotency_key, request_digest, created_at) VALUES ($1, $2, $3, $4, $6)
       ON CONFLICT (organization_id, actor, idempotency_key) DO UPDATE SET request_digest = excluded.request_digest, answer = NULL, created_at = excluded.created_at
       WHERE r.created_at <= $5 RETURNING idempotency_key`,
      [organizationId, actor, key, digest, since, now],
    );
    return begun.length === 1;
  }

  async remembered<Answer>({ organizationId, actor, key }: RequestName): Promise<RememberedRequest<Answer> | null> {
    const [row] = await this.database.query<{ request_digest: Buffer; answer: Answer }>(
      'SELECT request_digest, answer FROM notification_requests WHERE organization_id = $1 AND actor = $2 AND idempotency_key = $3',
      [organizationId, actor, key],
    );
    return row === undefined ? null : { digest: row.request_digest, answer: row.answer };
  }

  async answer({ organizationId, actor, key }: RequestName, answer: unknown): Promise<void> {
    await this.database.query('UPDATE notification_requests SET answer = $4 WHERE organization_id = $1 AND actor = $2 AND idempotency_key = $3', [organizationId, actor, key, JSON.stringify(answer)]);
  }

  async forgetBefore(time: Date): Promise<void> {
    await this.database.query('DELETE FROM notification_requests WHERE created_at < $1', [time]);
  }
}

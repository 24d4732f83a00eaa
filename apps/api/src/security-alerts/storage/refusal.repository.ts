import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CredentialKind } from '#domain';

/** How many requests of a credential were refused, by the minute. */
@Injectable()
export class RefusalRepository {
  constructor(private readonly database: Database) {}

  /** Adds to the minute of that moment, and counts those since the minute of `after`: rather some too many than one too few. */
  async add(kind: CredentialKind, credentialId: number, count: number, at: Date, after: Date): Promise<number> {
    await this.database.query(
      `INSERT INTO refusal_counts (kind, credential_id, minute, count) VALUES ($1, $2, date_trunc('minute', $4::timestamptz), $3)
       ON CONFLICT (kind, credential_id, minute) DO UPDATE SET count = refusal_counts.count + EXCLUDED.count`,
      [kind, credentialId, count, at],
    );
    const [row] = await this.database.query<{ n: number }>(
      `SELECT sum(count) AS n FROM refusal_counts WHERE kind = $1 AND credential_id = $2 AND minute >= date_trunc('minute', $3::timestamptz)`,
      [kind, credentialId, after],
    );
    return Number(row?.n ?? 0);
  }

  async forget(before: Date): Promise<void> {
    await this.database.query('DELETE FROM refusal_counts WHERE minute < $1', [before]);
  }
}

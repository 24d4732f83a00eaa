import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** A sign-in that failed on a product. */
export interface FailedLogin {
  readonly productId: number;
  /** Null: there is no such account. */
  readonly userId: number | null;
  /** By which addresses are counted; null where none is known. */
  readonly network: string | null;
  readonly at: Date;
}

@Injectable()
export class FailedLoginRepository {
  constructor(private readonly database: Database) {}

  async add(failed: readonly FailedLogin[]): Promise<void> {
    await this.database.query(
      `INSERT INTO failed_logins (product_id, user_id, network, failed_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[])`,
      [failed.map(({ productId }) => productId), failed.map(({ userId }) => userId), failed.map(({ network }) => network), failed.map(({ at }) => at)],
    );
  }

  async countOf(productId: number, userId: number, after: Date, until: Date): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(
      'SELECT count(*) AS n FROM failed_logins WHERE product_id = $1 AND user_id = $2 AND failed_at > $3 AND failed_at <= $4',
      [productId, userId, after, until],
    );
    return Number(row?.n ?? 0);
  }

  /** How many from one address, and on which accounts; all that do not exist count as one. */
  async from(productId: number, network: string, after: Date, until: Date): Promise<{ total: number; userIds: (number | null)[] }> {
    const rows = await this.database.query<{ user_id: number | null; n: number }>(
      'SELECT user_id, count(*) AS n FROM failed_logins WHERE product_id = $1 AND network = $2 AND failed_at > $3 AND failed_at <= $4 GROUP BY user_id',
      [productId, network, after, until],
    );
    return { total: rows.reduce((sum, { n }) => sum + Number(n), 0), userIds: rows.map(({ user_id }) => user_id) };
  }

  async forget(before: Date): Promise<void> {
    await this.database.query('DELETE FROM failed_logins WHERE failed_at < $1', [before]);
  }
}

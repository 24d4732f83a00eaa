import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** What extended clients were subscribed to, under the digest of the id by which they find it again, on whichever instance they land. */
@Injectable()
export class ResumptionRepository {
  constructor(private readonly database: Database) {}

  async save(digest: Buffer, membershipId: number, identifiers: readonly string[], now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO cable_resumptions (digest, membership_id, identifiers, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (digest) DO UPDATE SET identifiers = excluded.identifiers`,
      // As text, to the letter: jsonb refuses half of a surrogate pair, which a client may send.
      [digest, membershipId, JSON.stringify(JSON.stringify(identifiers)), now],
    );
  }

  /** Null where there is none, and where it is another member's. */
  async find(digest: Buffer, membershipId: number): Promise<string[] | null> {
    const [row] = await this.database.query<{ identifiers: string }>('SELECT identifiers FROM cable_resumptions WHERE digest = $1 AND membership_id = $2', [digest, membershipId]);
    return row === undefined ? null : (JSON.parse(row.identifiers) as string[]);
  }

  async forgetBefore(time: Date): Promise<void> {
    await this.database.query('DELETE FROM cable_resumptions WHERE created_at < $1', [time]);
  }
}

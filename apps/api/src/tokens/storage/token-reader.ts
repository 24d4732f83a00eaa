import { Injectable } from '@nestjs/common';
import { batchedRead, Database } from '#database';
import { STANDING, type Standing } from '../../workspace/index.js';

/** A token behind one of its secrets, with all that decides whether it holds and what it opens, at one moment of the database. */
export interface LiveToken extends Standing {
  readonly id: number;
  readonly token_prefix: string;
  readonly full_access: boolean;
  readonly scopes: readonly string[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly secret_ends_at: Date | null;
}

const LIVE_TOKENS = {
  name: 'live_tokens',
  text: `
    SELECT s.digest, s.ends_at AS secret_ends_at, c.id, c.token_prefix, c.full_access, c.scopes, c.expires_at, c.revoked_at, ${STANDING.columns}
    FROM workspace_token_secrets s JOIN workspace_tokens c ON c.id = s.token_id ${STANDING.joins}
    WHERE s.digest = ANY($1::bytea[])`,
};

/** Asks the database at every request, without a cache; requests that wait in the same tick share one statement. */
@Injectable()
export class TokenReader {
  private readonly load: (key: string) => Promise<LiveToken | null>;

  constructor(database: Database) {
    this.load = batchedRead<string, LiveToken>(async (digests) => {
      const rows = await database.read<LiveToken & { digest: Buffer }>(LIVE_TOKENS, [[...new Set(digests)].map((hex) => Buffer.from(hex, 'hex'))]);
      const byDigest = new Map(rows.map((row) => [row.digest.toString('hex'), row]));
      return digests.map((hex) => byDigest.get(hex) ?? null);
    });
  }

  async find(digest: Buffer): Promise<LiveToken | null> {
    return this.load(digest.toString('hex'));
  }
}

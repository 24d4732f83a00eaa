import { Injectable } from '@nestjs/common';
import { batchedRead, Database } from '#database';
import { STANDING, type Standing } from '../../workspace/index.js';

/** A session with all that decides whether it holds and what it opens, at one moment of the database. */
export interface LiveSession extends Standing {
  readonly id: number;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly refresh_jti: string;
  readonly previous_refresh_jti: string | null;
  readonly rotated_at: Date | null;
}

const LIVE_SESSIONS = {
  name: 'live_sessions',
  text: `
    SELECT c.id, c.expires_at, c.revoked_at, c.refresh_jti, c.previous_refresh_jti, c.rotated_at, ${STANDING.columns}
    FROM sessions c ${STANDING.joins}
    WHERE c.id = ANY($1::bigint[])`,
};

/** Asks the database at every request, without a cache; requests that wait in the same tick share one statement. */
@Injectable()
export class SessionReader {
  private readonly load: (key: number) => Promise<LiveSession | null>;

  constructor(database: Database) {
    this.load = batchedRead<number, LiveSession>(async (ids) => {
      const rows = await database.read<LiveSession & Record<string, unknown>>(LIVE_SESSIONS, [[...new Set(ids)]]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id) ?? null);
    });
  }

  async find(id: number): Promise<LiveSession | null> {
    return this.load(id);
  }
}

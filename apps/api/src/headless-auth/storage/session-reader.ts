import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { Database, keyedRead } from '#database';
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

const statement = (comparison: string): string => `
  SELECT c.id, c.expires_at, c.revoked_at, c.refresh_jti, c.previous_refresh_jti, c.rotated_at, ${STANDING.columns}
  FROM sessions c ${STANDING.joins}
  WHERE c.id ${comparison}`;

@Injectable()
export class SessionReader {
  private readonly load: (id: number) => Promise<LiveSession | null>;

  constructor(database: Database) {
    this.load = keyedRead<number, LiveSession & QueryResultRow>(database, { name: 'live_sessions', text: statement, type: 'bigint', keyOf: ({ id }) => id });
  }

  async find(id: number): Promise<LiveSession | null> {
    return this.load(id);
  }
}

import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { Database, keyedRead } from '#database';
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

interface ReadToken extends LiveToken, QueryResultRow {
  readonly digest: Buffer;
}

const statement = (comparison: string): string => `
  SELECT s.digest, s.ends_at AS secret_ends_at, c.id, c.token_prefix, c.full_access, c.scopes, c.expires_at, c.revoked_at, ${STANDING.columns}
  FROM workspace_token_secrets s JOIN workspace_tokens c ON c.id = s.token_id ${STANDING.joins}
  WHERE s.digest ${comparison}`;

@Injectable()
export class TokenReader {
  private readonly load: (hex: string) => Promise<LiveToken | null>;

  constructor(database: Database) {
    this.load = keyedRead<string, ReadToken>(database, { name: 'live_tokens', text: statement, type: 'bytea', keyOf: ({ digest }) => digest.toString('hex') });
  }

  async find(digest: Buffer): Promise<LiveToken | null> {
    return this.load(digest.toString('hex'));
  }
}

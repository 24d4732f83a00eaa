import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { Database, keyedRead } from '#database';
import { ORGANIZATION_STANDING, type OrganizationStanding } from '../../workspace/index.js';

/** An installation behind one of its keys, with all that decides whether it holds and what it opens, at one moment of the database. */
export interface LiveKey extends OrganizationStanding {
  readonly id: number;
  readonly prefix: string;
  readonly key_ends_at: Date | null;
  readonly permissions: readonly string[];
  readonly uninstalled_at: Date | null;
  readonly project_id: number;
  readonly project_exists: boolean;
  readonly service_user_id: number;
  readonly service_user_name: string;
  readonly service_user_email: string;
}

interface ReadKey extends LiveKey, QueryResultRow {
  readonly digest: Buffer;
}

const statement = (comparison: string): string => `
  SELECT k.digest, k.prefix, k.ends_at AS key_ends_at, c.id, c.permissions, c.uninstalled_at, c.project_id,
         EXISTS (SELECT 1 FROM projects j WHERE j.id = c.project_id AND j.organization_id = c.organization_id) AS project_exists,
         u.id AS service_user_id, u.name AS service_user_name, u.email AS service_user_email, ${ORGANIZATION_STANDING.columns}
  FROM extension_keys k JOIN extensions c ON c.id = k.installation_id
  JOIN users u ON u.id = c.service_user_id ${ORGANIZATION_STANDING.joins}
  WHERE k.digest ${comparison}`;

@Injectable()
export class KeyReader {
  private readonly load: (hex: string) => Promise<LiveKey | null>;

  constructor(database: Database) {
    this.load = keyedRead<string, ReadKey>(database, { name: 'live_extension_keys', text: statement, type: 'bytea', keyOf: ({ digest }) => digest.toString('hex') });
  }

  async find(digest: Buffer): Promise<LiveKey | null> {
    return this.load(digest.toString('hex'));
  }
}

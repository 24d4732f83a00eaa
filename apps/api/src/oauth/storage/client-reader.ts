import { Injectable } from '@nestjs/common';
import { batchedRead, Database } from '#database';
import { ORGANIZATION_STANDING, type OrganizationStanding } from '../../workspace/index.js';
import type { ClientKey } from '../domain/client-keys.js';

/** A secret as the token endpoint compares it. */
export interface ReadSecret {
  readonly id: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly expires_at: string | null;
}

/** An application with all that decides whether it may have a token, at one moment of the database. */
export interface ReadClient extends OrganizationStanding {
  readonly id: number;
  readonly client_id: string;
  readonly scopes: readonly string[];
  readonly access_token_ttl: number;
  readonly jwks: readonly ClientKey[] | null;
  readonly secrets: readonly ReadSecret[];
}

const CLIENTS = {
  name: 'oauth_clients',
  text: `
    SELECT c.id, c.client_id, c.scopes, c.access_token_ttl, c.jwks, ${ORGANIZATION_STANDING.columns},
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'digest', encode(s.digest, 'hex'), 'expires_at', s.expires_at))
                     FROM oauth_secrets s WHERE s.application_id = c.id AND s.revoked_at IS NULL), '[]') AS secrets
    FROM oauth_applications c ${ORGANIZATION_STANDING.joins}
    WHERE c.client_id = ANY($1::text[]) AND c.deleted_at IS NULL`,
};

/** Asks the database at every request, without a cache; requests that wait in the same tick share one statement. */
@Injectable()
export class ClientReader {
  private readonly load: (key: string) => Promise<ReadClient | null>;

  constructor(database: Database) {
    this.load = batchedRead<string, ReadClient>(async (clientIds) => {
      const rows = await database.read<ReadClient & Record<string, unknown>>(CLIENTS, [[...new Set(clientIds)]]);
      const byId = new Map(rows.map((row) => [row.client_id, row]));
      return clientIds.map((clientId) => byId.get(clientId) ?? null);
    });
  }

  async find(clientId: string): Promise<ReadClient | null> {
    return this.load(clientId);
  }
}

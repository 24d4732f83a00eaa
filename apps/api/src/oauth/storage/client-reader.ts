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

/** Whoever is unknown costs as much as whoever is known: the oldest application is read in their place, and dropped. */
const CLIENT = {
  name: 'oauth_client',
  text: `
    SELECT known.id IS NOT NULL AS is_known, c.id, c.client_id, c.scopes, c.access_token_ttl, c.jwks, ${ORGANIZATION_STANDING.columns},
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'digest', encode(s.digest, 'hex'), 'expires_at', s.expires_at))
                     FROM oauth_secrets s WHERE s.application_id = c.id AND s.revoked_at IS NULL), '[]') AS secrets
    FROM (SELECT id FROM oauth_applications ORDER BY id LIMIT 1) decoy
    LEFT JOIN oauth_applications known ON known.client_id = $1 AND known.deleted_at IS NULL
    JOIN oauth_applications c ON c.id = coalesce(known.id, decoy.id) ${ORGANIZATION_STANDING.joins}`,
};

/**
 * Asks the database at every request, without a cache; requests of one client that wait in the same tick share a statement.
 * Those of several do not: for a list of ids PostgreSQL plans anew each time, which costs as much as the statement.
 */
@Injectable()
export class ClientReader {
  private readonly load: (key: string) => Promise<ReadClient | null>;

  constructor(private readonly database: Database) {
    this.load = batchedRead<string, ReadClient>(async (clientIds) => {
      const asked = new Map([...new Set(clientIds)].map((clientId) => [clientId, this.read(clientId)]));
      return Promise.all(clientIds.map(async (clientId) => asked.get(clientId) ?? null));
    });
  }

  async find(clientId: string): Promise<ReadClient | null> {
    return this.load(clientId);
  }

  private async read(clientId: string): Promise<ReadClient | null> {
    const [row] = await this.database.read<ReadClient & { is_known: boolean }>(CLIENT, [clientId]);
    return row?.is_known === true ? row : null;
  }
}

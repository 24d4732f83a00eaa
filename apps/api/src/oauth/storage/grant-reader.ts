import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { batchedRead, Database } from '#database';
import { ORGANIZATION_STANDING, type OrganizationStanding } from '../../workspace/index.js';
import type { ClientKey } from '../domain/client-keys.js';

/** What a presented access token stands on. */
export interface TokenFoundation {
  readonly clientId: string;
  readonly jti: string;
  /** The secret that obtained it; null: a key did. */
  readonly secretId: number | null;
}

/** An access token's application, with all that decides whether the token still holds, at one moment of the database. */
export interface LiveGrant extends OrganizationStanding {
  readonly id: number;
  readonly scopes: readonly string[];
  readonly jwks: readonly ClientKey[] | null;
  readonly deleted_at: Date | null;
  readonly service_user_id: number;
  readonly service_user_name: string;
  readonly service_user_email: string;
  /** Whether the secret that obtained it is still one of the application's. */
  readonly secret_holds: boolean;
  readonly is_revoked: boolean;
}

interface PlacedGrant extends LiveGrant, QueryResultRow {
  readonly n: number;
}

/** What is asked for, as rows of a place, a client, a token's id and the secret that obtained it. */
const statement = (asked: string): string => `
  SELECT q.n, c.id, c.scopes, c.jwks, c.deleted_at, u.id AS service_user_id, u.name AS service_user_name, u.email AS service_user_email,
         EXISTS (SELECT 1 FROM oauth_secrets s WHERE s.id = q.secret_id AND s.application_id = c.id AND s.revoked_at IS NULL) AS secret_holds,
         EXISTS (SELECT 1 FROM oauth_revoked_tokens r WHERE r.jti = q.jti) AS is_revoked,
         ${ORGANIZATION_STANDING.columns}
  FROM (${asked}) AS q(n, client_id, jti, secret_id)
  JOIN oauth_applications c ON c.client_id = q.client_id
  JOIN users u ON u.id = c.service_user_id ${ORGANIZATION_STANDING.joins}`;

/** Planned once per connection; for lists PostgreSQL plans anew each time. */
const LIVE_GRANT = { name: 'live_grant', text: statement('SELECT 1::bigint, $1::text, $2::text, $3::bigint') };
const LIVE_GRANTS = {
  name: 'live_grants',
  text: statement('SELECT n, client_id, jti, secret_id FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS t(client_id, jti, secret_id, n)'),
};

/** Asks the database at every request, without a cache; requests that wait in the same tick share one statement. */
@Injectable()
export class GrantReader {
  private readonly load: (key: TokenFoundation) => Promise<LiveGrant | null>;

  constructor(database: Database) {
    this.load = batchedRead<TokenFoundation, LiveGrant>(async (foundations) => {
      const columns = [foundations.map(({ clientId }) => clientId), foundations.map(({ jti }) => jti), foundations.map(({ secretId }) => secretId)];
      const rows = foundations.length === 1 ? await database.read<PlacedGrant>(LIVE_GRANT, columns.flat()) : await database.read<PlacedGrant>(LIVE_GRANTS, columns);
      const byPlace = new Map(rows.map((row) => [row.n, row]));
      return foundations.map((_, index) => byPlace.get(index + 1) ?? null);
    });
  }

  async find(foundation: TokenFoundation): Promise<LiveGrant | null> {
    return this.load(foundation);
  }
}

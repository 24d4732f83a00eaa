import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CredentialKind } from '#domain';

/** Remembered of one credential; beyond that the oldest is forgotten. */
const MOST_NETWORKS = 200;

export interface Visit {
  readonly kind: CredentialKind;
  readonly homeId: number;
  /** A /24 or a /48. */
  readonly network: string;
}

/** From which networks credentials were used: a few bytes each. */
@Injectable()
export class CredentialNetworkRepository {
  constructor(private readonly database: Database) {}

  /** For each, whether it is remembered; one statement, and no write. */
  async known(visits: readonly Visit[]): Promise<boolean[]> {
    const rows = await this.database.query<{ known: boolean }>(
      `SELECT coalesce(v.network = ANY(n.networks), false) AS known
       FROM unnest($1::text[], $2::bigint[], $3::cidr[]) WITH ORDINALITY AS v(kind, home_id, network, place)
       LEFT JOIN credential_networks n ON n.kind = v.kind AND n.home_id = v.home_id ORDER BY v.place`,
      [visits.map(({ kind }) => kind), visits.map(({ homeId }) => homeId), visits.map(({ network }) => network)],
    );
    return rows.map(({ known }) => known);
  }

  /** Remembers it: `first` where it is the first of all, `new` beside others, null where another instance has seen to it. */
  async learn({ kind, homeId, network }: Visit): Promise<'first' | 'new' | null> {
    const [row] = await this.database.query<{ is_first: boolean }>(
      `INSERT INTO credential_networks AS n (kind, home_id, networks) VALUES ($1, $2, ARRAY[$3::cidr])
       ON CONFLICT (kind, home_id) DO UPDATE SET networks = (n.networks || EXCLUDED.networks)[greatest(1, cardinality(n.networks) + 2 - $4::integer):]
       WHERE NOT n.networks @> EXCLUDED.networks RETURNING cardinality(n.networks) = 1 AS is_first`,
      [kind, homeId, network, MOST_NETWORKS],
    );
    if (row === undefined) return null;
    return row.is_first ? 'first' : 'new';
  }
}

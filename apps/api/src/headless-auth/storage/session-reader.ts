import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { SubscriptionRow } from '#access';
import { Database } from '#database';
import type { Locale, Role } from '#domain';

/** A session with all that decides whether it holds and what it opens, at one moment of the database. */
export interface LiveSession {
  readonly id: number;
  readonly user_id: number;
  readonly membership_id: number;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly refresh_jti: string;
  readonly previous_refresh_jti: string | null;
  readonly rotated_at: Date | null;
  readonly role: Role;
  readonly ended_at: Date | null;
  readonly user_name: string;
  readonly email: string;
  readonly locale: Locale;
  readonly disabled_at: Date | null;
  readonly organization_id: number;
  readonly organization_name: string;
  readonly organization_slug: string;
  readonly suspended_at: Date | null;
  readonly product_id: number;
  readonly product_slug: string;
  readonly product_name: string;
  readonly default_locale: Locale;
  readonly product_active: boolean;
  readonly subscription_id: number;
  readonly plan_tier: string;
  readonly status: string;
  readonly trial_ends_at: Date | null;
  readonly current_period_start: Date | null;
  readonly current_period_end: Date | null;
  readonly canceled_at: Date | null;
  readonly plan: SubscriptionRow['plan'];
  readonly database_time: Date;
}

const LIVE_SESSIONS = {
  name: 'live_sessions',
  text: `
    SELECT s.id, s.user_id, s.membership_id, s.expires_at, s.revoked_at, s.refresh_jti, s.previous_refresh_jti, s.rotated_at,
           m.role, m.ended_at, u.name AS user_name, u.email, u.locale, u.disabled_at,
           o.id AS organization_id, o.name AS organization_name, o.slug AS organization_slug, o.suspended_at,
           p.id AS product_id, p.slug AS product_slug, p.branding->>'product_name' AS product_name, p.default_locale, p.active AS product_active,
           b.id AS subscription_id, b.plan_tier, b.status, b.trial_ends_at, b.current_period_start, b.current_period_end, b.canceled_at,
           p.plans->b.plan_tier AS plan, clock_timestamp() AS database_time
    FROM sessions s
    JOIN memberships m ON m.id = s.membership_id
    JOIN users u ON u.id = s.user_id
    JOIN organizations o ON o.id = s.organization_id
    JOIN products p ON p.id = s.product_id
    JOIN subscriptions b ON b.organization_id = s.organization_id
    WHERE s.id = ANY($1::bigint[])`,
};

/** Asks the database at every request, without a cache; requests that wait in the same tick share one statement. */
@Injectable()
export class SessionReader {
  private readonly loader: DataLoader<number, LiveSession | null>;

  constructor(database: Database) {
    this.loader = new DataLoader(
      async (ids) => {
        const rows = await database.read<LiveSession & Record<string, unknown>>(LIVE_SESSIONS, [[...new Set(ids)]]);
        const byId = new Map(rows.map((row) => [row.id, row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false, maxBatchSize: 500 },
    );
  }

  async find(id: number): Promise<LiveSession | null> {
    return this.loader.load(id);
  }
}

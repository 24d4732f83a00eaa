import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** By which ways a member wants to be told of one type. */
export interface Preference {
  readonly type: string;
  readonly inApp: boolean;
  readonly email: boolean;
}

export interface MemberPreference extends Preference {
  readonly membershipId: number;
}

@Injectable()
export class PreferenceRepository {
  constructor(private readonly database: Database) {}

  /** What was said; of what was not, the default holds. */
  async of(membershipIds: readonly number[]): Promise<MemberPreference[]> {
    return this.database.query<MemberPreference & Record<string, unknown>>(
      'SELECT membership_id AS "membershipId", type, in_app AS "inApp", email FROM notification_preferences WHERE membership_id = ANY($1::bigint[]) ORDER BY type COLLATE "C"',
      [membershipIds],
    );
  }

  /** Two changes of one member's come one after the other. */
  async lock(membershipId: number): Promise<void> {
    await this.database.query('SELECT FROM memberships WHERE id = $1 FOR NO KEY UPDATE', [membershipId]);
  }

  async save(membershipId: number, preferences: readonly Preference[]): Promise<void> {
    await this.database.query(
      `INSERT INTO notification_preferences (membership_id, type, in_app, email)
       SELECT $1, * FROM unnest($2::text[], $3::boolean[], $4::boolean[])
       ON CONFLICT (membership_id, type) DO UPDATE SET in_app = excluded.in_app, email = excluded.email`,
      [membershipId, preferences.map(({ type }) => type), preferences.map(({ inApp }) => inApp), preferences.map(({ email }) => email)],
    );
  }
}

import { Injectable } from '@nestjs/common';
import { Database, TenantRepository } from '#database';
import type { Session } from '../domain/session.js';
import { SessionSchema } from './session.schema.js';

interface Rotation {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly sealedSuccessor: Buffer;
}

/** A session as its owner lists it. */
export interface ListedSession {
  readonly id: number;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly organization_id: number;
  readonly organization_name: string;
  readonly organization_slug: string;
}

interface Ended extends Record<string, unknown> {
  readonly id: number;
  readonly organizationId: number;
}

/** Sessions end by a date and are never deleted while a token of theirs could still be presented. */
@Injectable()
export class SessionRepository extends TenantRepository<Session> {
  constructor(database: Database) {
    super(database, SessionSchema);
  }

  /** Compare and set: false where another request has rotated or ended the session meanwhile. */
  async rotate({ id, from, to, sealedSuccessor }: Rotation, now: Date): Promise<boolean> {
    const rotated = await this.database.query(
      `UPDATE sessions SET refresh_jti = $3, previous_refresh_jti = $2, rotated_at = $4, last_used_at = $4, sealed_successor = $5
       WHERE id = $1 AND refresh_jti = $2 AND revoked_at IS NULL RETURNING id`,
      [id, from, to, now, sealedSuccessor],
    );
    return rotated.length === 1;
  }

  /** The sealed answer of the last rotation; null where the session has moved on meanwhile. */
  async successor(id: number, previousRefreshJti: string): Promise<Buffer | null> {
    const [row] = await this.database.query<{ sealed_successor: Buffer | null }>(
      'SELECT sealed_successor FROM sessions WHERE id = $1 AND previous_refresh_jti = $2 AND revoked_at IS NULL',
      [id, previousRefreshJti],
    );
    return row?.sealed_successor ?? null;
  }

  /** Ends one session; false where it had ended before. */
  async revoke(id: number, now: Date): Promise<boolean> {
    return (await this.end('id = $2', [id], now)).length === 1;
  }

  async find(organizationId: number, id: number): Promise<Session | null> {
    return this.rows.findOneBy({ organizationId, id });
  }

  async hasEnded(id: number): Promise<boolean> {
    const living = await this.database.query('SELECT 1 FROM sessions WHERE id = $1 AND revoked_at IS NULL', [id]);
    return living.length === 0;
  }

  /** Ends one of a user's sessions on a product, in whichever organization; null where there is none such. */
  async revokeOwn(userId: number, productId: number, id: number, now: Date): Promise<Ended | null> {
    const [ended] = await this.end('user_id = $2 AND product_id = $3 AND id = $4', [userId, productId, id], now);
    return ended ?? null;
  }

  /** Ends a user's sessions on a product but one. */
  async revokeOthers(userId: number, productId: number, keptId: number, now: Date): Promise<Ended[]> {
    return this.end('user_id = $2 AND product_id = $3 AND id <> $4', [userId, productId, keptId], now);
  }

  /** Ends all sessions of a user, on every product, but perhaps one. */
  async revokeAllOf(userId: number, now: Date, keptId: number | null = null): Promise<Ended[]> {
    return this.end('user_id = $2 AND id IS DISTINCT FROM $3', [userId, keptId], now);
  }

  async revokeOfMembership(membershipId: number, now: Date): Promise<Ended[]> {
    return this.end('membership_id = $2', [membershipId], now);
  }

  /** A user's living sessions on a product, the latest used first. */
  async list(userId: number, productId: number, now: Date): Promise<ListedSession[]> {
    return this.database.query<ListedSession & Record<string, unknown>>(
      `SELECT s.id, s.created_at, s.last_used_at, s.ip, s.user_agent,
              o.id AS organization_id, o.name AS organization_name, o.slug AS organization_slug
       FROM sessions s JOIN memberships m ON m.id = s.membership_id JOIN organizations o ON o.id = s.organization_id
       WHERE s.user_id = $1 AND s.product_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
         AND m.ended_at IS NULL AND o.suspended_at IS NULL
       ORDER BY s.last_used_at DESC, s.id DESC`,
      [userId, productId, now],
    );
  }

  /** The product that the user signed in to last. */
  async latestProductId(userId: number): Promise<number | null> {
    const [row] = await this.database.query<{ product_id: number }>(
      'SELECT product_id FROM sessions WHERE user_id = $1 ORDER BY last_used_at DESC LIMIT 1',
      [userId],
    );
    return row?.product_id ?? null;
  }

  private async end(condition: string, values: readonly unknown[], now: Date): Promise<Ended[]> {
    return this.database.query<Ended>(
      `UPDATE sessions SET revoked_at = $1, sealed_successor = NULL WHERE revoked_at IS NULL AND ${condition}
       RETURNING id, organization_id AS "organizationId"`,
      [now, ...values],
    );
  }
}

import { Injectable } from '@nestjs/common';
import { In, IsNull, type Repository } from 'typeorm';
import { Database, insert } from '#database';
import type { ClientSecret } from '../domain/client-secret.js';
import { ClientSecretSchema } from './client-secret.schema.js';

/** A secret by its digest, and whose it is. */
interface KnownSecret extends Record<string, unknown> {
  readonly id: number;
  readonly digest: Buffer;
  readonly application_id: number;
  readonly organization_id: number;
  readonly prefix: string;
}

const KNOWN = `
  SELECT s.id, s.digest, s.application_id, s.prefix, a.organization_id FROM oauth_secrets s JOIN oauth_applications a ON a.id = s.application_id
  WHERE s.digest = ANY($1::bytea[])`;

/** Secrets hang on an application, which was found in its organization before. */
@Injectable()
export class ClientSecretRepository {
  constructor(private readonly database: Database) {}

  private get rows(): Repository<ClientSecret> {
    return this.database.manager.getRepository(ClientSecretSchema);
  }

  /** Those that were not revoked, the oldest first. */
  async of(applicationIds: readonly number[]): Promise<ClientSecret[]> {
    return this.rows.find({ where: { applicationId: In([...applicationIds]), revokedAt: IsNull() }, order: { id: 'ASC' } });
  }

  /** One that was not revoked. */
  async byDigest(digest: Buffer): Promise<KnownSecret | null> {
    const [known] = await this.database.query<KnownSecret>(`${KNOWN} AND s.revoked_at IS NULL`, [[digest]]);
    return known ?? null;
  }

  /** Those that were revoked, or whose application was deleted. */
  async endedAmong(digests: readonly Buffer[]): Promise<KnownSecret[]> {
    return this.database.query<KnownSecret>(`${KNOWN} AND (s.revoked_at IS NOT NULL OR a.deleted_at IS NOT NULL)`, [digests]);
  }

  async add(secret: ClientSecret): Promise<void> {
    await insert(this.rows, secret);
  }

  async save({ id, revokedAt }: ClientSecret): Promise<void> {
    await this.rows.update({ id }, { revokedAt });
  }

  /** One statement for all that were used since the last one; what another instance knows better stays. */
  async markUsed(uses: ReadonlyMap<number, Date>): Promise<void> {
    await this.database.query(
      `UPDATE oauth_secrets s SET last_used_at = u.at FROM unnest($1::bigint[], $2::timestamptz[]) AS u(id, at)
       WHERE s.id = u.id AND (s.last_used_at IS NULL OR s.last_used_at < u.at)`,
      [[...uses.keys()], [...uses.values()]],
    );
  }
}

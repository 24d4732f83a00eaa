import { Injectable } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { Database } from '#database';
import type { SealedDataKey } from '#secrets';

/** The versions of the key under which extensions' secrets stand, each sealed. Nothing of them is kept in memory: a version can be dropped. */
@Injectable()
export class DataKeyRepository {
  constructor(private readonly database: Database) {}

  /** The newest, which cannot be dropped until the transaction under way ends. */
  async newest(): Promise<SealedDataKey | null> {
    const [row] = await this.database.query<SealedDataKey & Record<string, unknown>>('SELECT version, sealed FROM data_keys ORDER BY version DESC LIMIT 1 FOR KEY SHARE');
    return row ?? null;
  }

  /** Of several that add a version at once, one does. */
  async addUnlessTaken({ version, sealed }: SealedDataKey, now: Date): Promise<void> {
    await this.database.query('INSERT INTO data_keys (version, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [version, sealed, now]);
  }

  /** Drops the versions before this one, but for those that are kept; false, and nothing done, where something stands under them. */
  async dropBefore(version: number, kept: readonly number[]): Promise<boolean> {
    try {
      await this.database.query('DELETE FROM data_keys WHERE version < $1 AND version <> ALL($2::integer[])', [version, kept]);
      return true;
    } catch (error) {
      if (isReferenced(error)) return false;
      throw error;
    }
  }
}

/** What PostgreSQL says where a row that others point to would go. */
function isReferenced(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '23503';
}

import type { EntitySchema, Repository } from 'typeorm';
import type { Database } from './database.js';
import { insert } from './insert.js';

interface TenantRow {
  readonly id: number;
  readonly organizationId: number;
}

/** Rows that belong to an organization: whoever looks for one says whose first, and a foreign one is not found. */
export abstract class TenantRepository<Row extends TenantRow> {
  constructor(
    protected readonly database: Database,
    private readonly schema: EntitySchema<Row>,
  ) {}

  protected get rows(): Repository<Row> {
    return this.database.manager.getRepository(this.schema);
  }

  /** Inserts a new row; the database gives it its id. */
  async add(row: Row): Promise<void> {
    await insert(this.rows, row);
  }
}

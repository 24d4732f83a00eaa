import { Injectable } from '@nestjs/common';
import { MoreThan, type Repository } from 'typeorm';
import { Database, insertUnlessTaken } from '#database';
import { Organization, slugOf } from '../domain/organization.js';
import { OrganizationSchema } from './organization.schema.js';

@Injectable()
export class OrganizationRepository {
  constructor(private readonly database: Database) {}

  private get rows(): Repository<Organization> {
    return this.database.manager.getRepository(OrganizationSchema);
  }

  async byId(id: number): Promise<Organization | null> {
    return this.rows.findOneBy({ id });
  }

  async bySlug(productId: number, slug: string): Promise<Organization | null> {
    return this.rows.findOneBy({ productId, slug });
  }

  /** The row, locked until the transaction ends: whoever counts members or admins holds it. */
  async lock(id: number): Promise<Organization | null> {
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** By one at a time, until the transaction ends; rows that only refer to the organization do not wait for it. */
  async hold(id: number): Promise<void> {
    await this.rows.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async foundedSince(founderId: number, productId: number, name: string, since: Date): Promise<Organization | null> {
    return this.rows.findOneBy({ founderId, productId, name, createdAt: MoreThan(since) });
  }

  /** Adds the organization under the first free slug: `acme`, `acme-2`, `acme-3` … */
  async add(facts: { productId: number; name: string; founderId: number }, now: Date): Promise<Organization> {
    const base = slugOf(facts.name);
    for (let attempt = await this.nextAttempt(facts.productId, base); ; attempt += 1) {
      const organization = Organization.found({ ...facts, slug: attempt === 1 ? base : `${base}-${attempt}` }, now);
      if (await insertUnlessTaken(this.rows, organization)) return organization;
    }
  }

  async save(organization: Organization): Promise<void> {
    await this.rows.update({ id: organization.id }, { suspendedAt: organization.suspendedAt });
  }

  private async nextAttempt(productId: number, base: string): Promise<number> {
    const [row] = await this.database.query<{ last: number }>(
      `SELECT coalesce(max(CASE WHEN slug = $2 THEN 1 ELSE substr(slug, length($2) + 2)::int END), 0) AS last
       FROM organizations WHERE product_id = $1 AND (slug = $2 OR slug ~ ('^' || $2 || '-[0-9]{1,9}$'))`,
      [productId, base],
    );
    return (row?.last ?? 0) + 1;
  }
}

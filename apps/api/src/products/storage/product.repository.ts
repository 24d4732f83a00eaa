import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { ProductRef } from '#domain';
import { Product, type ProductDefinition } from '../domain/product.js';
import { ProductSchema } from './product.schema.js';

const REFERENCE = `SELECT id, slug, branding->>'product_name' AS name, default_locale AS "defaultLocale" FROM products WHERE active AND`;
const BY_SLUG = { name: 'product_by_slug', text: `${REFERENCE} slug = $1` };
const BY_ORIGIN = { name: 'product_by_origin', text: `${REFERENCE} allowed_origins @> ARRAY[$1]` };

@Injectable()
export class ProductRepository {
  constructor(private readonly database: Database) {}

  async activeBySlug(slug: string): Promise<ProductRef | null> {
    const [row] = await this.database.read<ProductRef>(BY_SLUG, [slug]);
    return row ?? null;
  }

  async activeByOrigin(origin: string): Promise<ProductRef | null> {
    const [row] = await this.database.read<ProductRef>(BY_ORIGIN, [origin]);
    return row ?? null;
  }

  async byId(id: number): Promise<Product> {
    return this.database.manager.getRepository(ProductSchema).findOneByOrFail({ id });
  }

  async bySlug(slug: string): Promise<Product | null> {
    return this.database.manager.getRepository(ProductSchema).findOneBy({ slug });
  }

  async all(): Promise<Product[]> {
    return this.database.manager.getRepository(ProductSchema).find({ order: { id: 'ASC' } });
  }

  /** One file is applied at a time, also by several instances that start at once. */
  async lockForApplying(): Promise<void> {
    await this.database.query(`SELECT pg_advisory_xact_lock(hashtext('kiket-auth:products'))`);
  }

  async put(definition: ProductDefinition): Promise<void> {
    await this.database.manager.getRepository(ProductSchema).upsert(Object.assign(new Product(), definition) as never, ['slug']);
  }

  /** Tiers that a subscription of the product stands on. The one look at another context's table: a plan in use must not vanish. */
  async tiersInUse(slug: string): Promise<string[]> {
    const rows = await this.database.query<{ plan_tier: string }>(
      'SELECT DISTINCT s.plan_tier FROM subscriptions s JOIN products p ON p.id = s.product_id WHERE p.slug = $1',
      [slug],
    );
    return rows.map((row) => row.plan_tier);
  }
}

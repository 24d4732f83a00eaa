import { readFile } from 'node:fs/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '#config';
import { Database } from '#database';
import type { ProductRef } from '#domain';
import type { Brand } from '#mail';
import type { ProductDirectory, ProductHint } from '#request';
import type { Product, ProductDefinition } from './domain/product.js';
import { ProductsFileError, parseProducts } from './file/products-file.js';
import { ProductRepository } from './storage/product.repository.js';

/** The products that live here: declared in a file, applied at start, asked for at every request. */
@Injectable()
export class Products implements ProductDirectory, OnModuleInit {
  private readonly logger = new Logger(Products.name);

  constructor(
    private readonly database: Database,
    private readonly products: ProductRepository,
    private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const definitions = parseProducts(await readFile(this.config.productsFile, 'utf8'));
    await this.apply(definitions);
    this.logger.log(`products: ${definitions.map(({ slug }) => slug).join(', ')}`);
  }

  /** Makes the database say what the file says; a product that the file leaves out stays as it is. @throws ProductsFileError */
  async apply(definitions: readonly ProductDefinition[]): Promise<void> {
    await this.database.transaction(async () => {
      await this.products.lockForApplying();
      const faults = [...(await this.sharedOrigins(definitions)), ...(await this.lostPlans(definitions))];
      if (faults.length > 0) throw new ProductsFileError(faults);
      for (const definition of definitions) await this.products.put(definition);
    });
  }

  async named({ slug, origin }: ProductHint): Promise<ProductRef | null> {
    if (slug !== undefined) return this.products.activeBySlug(slug);
    return origin === undefined ? null : this.products.activeByOrigin(origin);
  }

  async allowsOrigin(origin: string): Promise<boolean> {
    return (await this.products.activeByOrigin(origin)) !== null;
  }

  async byId(id: number): Promise<Product> {
    return this.products.byId(id);
  }

  async bySlug(slug: string): Promise<Product | null> {
    return this.products.bySlug(slug);
  }

  /** How a product's mails look and whom they come from. */
  brandOf({ branding }: Product): Brand {
    return {
      productName: branding.product_name,
      fromEmail: branding.from_email ?? this.config.mailFrom,
      supportEmail: branding.support_email,
      logoUrl: branding.logo_url,
      primaryColor: branding.primary_color,
    };
  }

  /** An origin names one product, those included that this file leaves out. */
  private async sharedOrigins(definitions: readonly ProductDefinition[]): Promise<string[]> {
    const declared = new Set(definitions.map(({ slug }) => slug));
    const others = (await this.products.all()).filter(({ slug }) => !declared.has(slug));
    return definitions.flatMap(({ slug, allowedOrigins }) =>
      allowedOrigins.flatMap((origin) =>
        others.filter((other) => other.allowedOrigins.includes(origin)).map((other) => `${slug}.allowed_origins: ${origin} is also listed by ${other.slug}`),
      ),
    );
  }

  private async lostPlans(definitions: readonly ProductDefinition[]): Promise<string[]> {
    const faults: string[] = [];
    for (const { slug, plans } of definitions) {
      const lost = (await this.products.tiersInUse(slug)).filter((tier) => !Object.hasOwn(plans, tier));
      faults.push(...lost.map((tier) => `${slug}.plans.${tier}: is left out, but subscriptions stand on it`));
    }
    return faults;
  }
}

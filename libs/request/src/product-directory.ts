import type { Request } from 'express';
import type { ProductRef } from '#domain';

/** Finds the product that a request names by its slug or its Origin; implemented where products live. */
export abstract class ProductDirectory {
  abstract named(hint: ProductHint): Promise<ProductRef | null>;
  /** Whether an active product lists this origin. */
  abstract allowsOrigin(origin: string): Promise<boolean>;
}

export interface ProductHint {
  readonly slug: string | undefined;
  readonly origin: string | undefined;
}

export function productHint(request: Request): ProductHint {
  const slug = request.headers['x-product-slug'];
  return { slug: typeof slug === 'string' ? slug : undefined, origin: request.headers.origin };
}

import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Locale, ProductRef } from '#domain';
import { preferredLocale } from '#locale';
import { ProductDirectory, productHint } from '#request';

/** In which language a message is written: the reader's wish, the user's own, the product's, English. */
@Injectable()
export class ReaderLocale {
  constructor(private readonly products: ProductDirectory) {}

  /** `recognized`: the language of a caller whose credential was genuine, but holds no more. */
  async of(request: Request, recognized?: Locale): Promise<Locale> {
    const { explicitLocale, principal, product } = request.context;
    const unknown = (explicitLocale ?? recognized ?? principal ?? product) === undefined;
    const named = unknown ? await this.namedProduct(request) : null;
    return preferredLocale(explicitLocale, principal?.locale ?? recognized, (product ?? named)?.defaultLocale);
  }

  /** The same from what is known by now, without asking the database. */
  known({ context: { explicitLocale, principal, product } }: Request): Locale {
    return preferredLocale(explicitLocale, principal?.locale, product?.defaultLocale);
  }

  /** A refusal may come before anyone asked for the product; and it must not fail for want of it. */
  private async namedProduct(request: Request): Promise<ProductRef | null> {
    return this.products.named(productHint(request)).catch(() => null);
  }
}

import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { FALLBACK_LOCALE, type Locale } from '#domain';
import { ProductDirectory, productHint } from '#request';

/** In which language a message is written: the reader's wish, the user's own, the product's, English. */
@Injectable()
export class ReaderLocale {
  constructor(private readonly products: ProductDirectory) {}

  async of(request: Request): Promise<Locale> {
    return chosen(request) ?? (await this.productsOwn(request)) ?? FALLBACK_LOCALE;
  }

  /** The same from what is known by now, without asking the database. */
  known(request: Request): Locale {
    return chosen(request) ?? FALLBACK_LOCALE;
  }

  /** A refusal may come before anyone asked for the product; and it must not fail for want of it. */
  private async productsOwn(request: Request): Promise<Locale | undefined> {
    const product = await this.products.named(productHint(request)).catch(() => null);
    return product?.defaultLocale;
  }
}

function chosen(request: Request): Locale | undefined {
  const { explicitLocale, principal, product } = request.context;
  return explicitLocale ?? principal?.locale ?? product?.defaultLocale;
}

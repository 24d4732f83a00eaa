const DOUBLE_CLICK_MS = 10 * 60 * 1000;
const SLUG_LENGTH = 50;

/** A customer of one product, for good: its people, its data, its subscription. */
export class Organization {
  readonly id!: number;
  readonly productId!: number;
  readonly name!: string;
  readonly slug!: string;
  readonly founderId!: number;
  readonly createdAt!: Date;
  suspendedAt!: Date | null;

  static found(facts: { productId: number; name: string; slug: string; founderId: number }, now: Date): Organization {
    return Object.assign(new Organization(), { ...facts, createdAt: now, suspendedAt: null });
  }

  suspend(now: Date): void {
    this.suspendedAt ??= now;
  }

  resume(): void {
    this.suspendedAt = null;
  }
}

/** Since when a second registration of the same organization by the same person is taken for a double click. */
export function doubleClickSince(now: Date): Date {
  return new Date(now.getTime() - DOUBLE_CLICK_MS);
}

/** A name as it can stand in a URL: "Žluťoučký kůň s.r.o." is `zlutoucky-kun-s-r-o`. */
export function slugOf(name: string): string {
  const ascii = name.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase();
  const slug = ascii.replace(/[^a-z0-9]+/g, '-').slice(0, SLUG_LENGTH).replace(/^-+|-+$/g, '');
  return slug === '' ? 'organization' : slug;
}

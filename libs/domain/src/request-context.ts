import type { DomainError } from './errors.js';
import type { Locale } from './locale.js';
import type { Principal, ProductRef } from './principal.js';

/** What is known of the request under way; the guard adds who is calling, for which product, and what they have left. */
export interface RequestContext {
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string | null;
  /** What the reader asked for, by `?locale=` or Accept-Language. */
  readonly explicitLocale: Locale | undefined;
  principal?: Principal;
  product?: ProductRef;
  /** What is wrong with its form; said once it is known who is asking. */
  fault?: DomainError;
  budget?: RequestBudget;
}

/** How many requests are left in the present window to those who share an account. */
export interface RequestBudget {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetIn: number;
  readonly windowSeconds: number;
}

/** Where an act came from, as the audit trail keeps it. */
export interface Origin {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

export const STATUSES = ['active', 'expired', 'revoked'] as const;

export type TokenStatus = (typeof STATUSES)[number];

/** By what a list of tokens may be sorted. */
export const SORTABLE = ['created_at', 'last_used_at', 'expires_at', 'name'] as const;

export interface TokenFilters {
  readonly status?: TokenStatus | undefined;
  /** Not used for at least so many days, or never and made so long ago. */
  readonly unusedForDays?: number | undefined;
}

/** A token as an admin sees it in a list. */
export interface ListedToken {
  readonly id: number;
  readonly name: string;
  /** Empty where it has full access. */
  readonly scopes: readonly string[];
  readonly full_access: boolean;
  readonly token_prefix: string;
  readonly status: TokenStatus;
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly last_used_ip: string | null;
  readonly revoked_at: Date | null;
  readonly owner_id: number;
  readonly owner_name: string;
}

const MINUTE_MS = 60_000;

/** How many times something may be tried within a window that begins with the first try. */
export interface Allowance {
  readonly most: number;
  readonly windowMs: number;
}

/** Failed proofs of a password: at the account from one address, from one address, at one account. */
export const LOCKOUT = {
  accountAndAddress: { most: 10, windowMs: 15 * MINUTE_MS },
  address: { most: 100, windowMs: 15 * MINUTE_MS },
  account: { most: 100, windowMs: 15 * MINUTE_MS },
} as const satisfies Record<string, Allowance>;

/** Reset mails to one account: enough for a forgetful person, useless for flooding a mailbox. */
export const RESET_MAILS: Allowance = { most: 3, windowMs: 60 * MINUTE_MS };

/** Seconds until a window that began then is over. */
export function secondsLeft(startedAt: Date, { windowMs }: Allowance, now: Date): number {
  return Math.max(1, Math.ceil((startedAt.getTime() + windowMs - now.getTime()) / 1000));
}

export const ERROR_KINDS = {
  not_found: 'absent',
  limit_reached: 'invalid',
} as const satisfies Record<string, string>;

export const FAULT_CODES = ['blank', 'too_short'] as const;

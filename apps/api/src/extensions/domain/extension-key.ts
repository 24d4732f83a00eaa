import { invalid } from '#domain';

const LONGEST_GRACE_SECONDS = 86_400;

/** When the key before a new one stops to work. @throws validation_error beyond a day */
export function graceEnd(seconds: number, now: Date): Date {
  if (seconds > LONGEST_GRACE_SECONDS) throw invalid({ field: 'grace_period_seconds', code: 'too_large', params: { most: LONGEST_GRACE_SECONDS } });
  return new Date(now.getTime() + seconds * 1000);
}

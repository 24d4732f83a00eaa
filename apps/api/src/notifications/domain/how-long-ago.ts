import type { Locale } from '#domain';

const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const FORMATS = new Map<Locale, Intl.RelativeTimeFormat>();

/** As people say it: "2 minutes ago", "před 2 minutami", "vor 2 Minuten". */
export function howLongAgo(then: Date, now: Date, locale: Locale): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - then.getTime()) / 1000));
  const [unit, length] = UNITS.find(([, least]) => seconds >= least) ?? UNITS[5];
  return formatOf(locale).format(-Math.floor(seconds / length), unit);
}

function formatOf(locale: Locale): Intl.RelativeTimeFormat {
  const known = FORMATS.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  FORMATS.set(locale, known);
  return known;
}

import type { Locale } from '#domain';

const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const WORDS = new Map<string, string>();
const MOST_WORDS = 1_000;
const FORMATS = new Map<Locale, Intl.RelativeTimeFormat>();

/** As people say it: "2 minutes ago", "před 2 minutami", "vor 2 Minuten". */
export function howLongAgo(then: Date, now: Date, locale: Locale): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - then.getTime()) / 1000));
  const [unit, length] = UNITS.find(([, least]) => seconds >= least) ?? UNITS[5];
  return said(-Math.floor(seconds / length), unit, locale);
}

/** Thousands are told in one second: the same words are made once. */
function said(amount: number, unit: (typeof UNITS)[number][0], locale: Locale): string {
  const key = `${locale} ${amount} ${unit}`;
  const known = WORDS.get(key) ?? formatOf(locale).format(amount, unit);
  if (WORDS.size > MOST_WORDS) WORDS.clear();
  WORDS.set(key, known);
  return known;
}

function formatOf(locale: Locale): Intl.RelativeTimeFormat {
  const known = FORMATS.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  FORMATS.set(locale, known);
  return known;
}

import { FALLBACK_LOCALE, LOCALES, type Locale } from '#domain';

/** `cs`, `cs-CZ`, `cs-Latn-CZ` (RFC 4647 §2.1): a region narrows a language that we speak anyway. */
const SUPPORTED_RANGE = new RegExp(`^(${LOCALES.join('|')})((?:-[a-z0-9]{1,8}){0,4})$`, 'i');

/** RFC 9110 §12.4.2. */
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/** Nobody reads more languages than fit in here: the rest of a header is not looked at. */
const HEADER_LIMIT = 500;

const MEMO_LIMIT = 1_000;
const MEMO_HEADER_LIMIT = 100;
const memo = new Map<string, Locale | undefined>();

/** The language that a request asks for by itself: `?locale=`, then Accept-Language. */
export function explicitLocale(asked: { query?: string | undefined; acceptLanguage?: string | undefined }): Locale | undefined {
  const byQuery = asked.query === undefined ? undefined : matched(asked.query)?.locale;
  if (byQuery !== undefined || asked.acceptLanguage === undefined) return byQuery;

  const header = asked.acceptLanguage.slice(0, HEADER_LIMIT);
  if (header.length > MEMO_HEADER_LIMIT) return accepted(header);
  if (!memo.has(header)) {
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(header, accepted(header));
  }
  return memo.get(header);
}

/** The chain of contract §1: the request, the user, the product, English. */
export function preferredLocale(
  explicit: Locale | null | undefined,
  userLocale?: Locale | null,
  productLocale?: Locale | null,
): Locale {
  return explicit ?? userLocale ?? productLocale ?? FALLBACK_LOCALE;
}

/** RFC 9110 §12.5.4: the highest quality, the first among equals; `q=0` is "never this one", `*` no preference. */
function accepted(header: string): Locale | undefined {
  const refused = new Set<Locale>();
  const wanted: { locale: Locale; quality: number }[] = [];
  for (const item of header.split(',')) {
    const [range, weight, ...rest] = item.split(';').map((part) => part.trim());
    const match = matched(range ?? '');
    const quality = weight === undefined ? 1 : Number(QUALITY.exec(weight)?.[1] ?? Number.NaN);
    if (match === undefined || Number.isNaN(quality) || rest.length > 0) continue;
    if (quality > 0) wanted.push({ locale: match.locale, quality });
    else if (match.whole) refused.add(match.locale);
  }
  return wanted
    .filter(({ locale }) => !refused.has(locale))
    .reduce<(typeof wanted)[number] | undefined>((best, next) => (best === undefined || next.quality > best.quality ? next : best), undefined)
    ?.locale;
}

function matched(range: string): { locale: Locale; whole: boolean } | undefined {
  const match = SUPPORTED_RANGE.exec(range);
  if (match === null) return undefined;
  return { locale: match[1]!.toLowerCase() as Locale, whole: match[2] === '' };
}

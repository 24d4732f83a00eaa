import type { Locale, Principal } from '#domain';
import { preferredLocale, type SentenceKey, type Translator } from '#locale';

/** Says something in one language. */
export type Say = (key: SentenceKey) => string;

/** In the language that the request asks for, else in the caller's own. */
export function sayTo({ locale }: Pick<Principal, 'locale'>, wished: Locale | undefined, translator: Translator): Say {
  return sayIn(preferredLocale(wished, locale), translator);
}

export function sayIn(locale: Locale, translator: Translator): Say {
  return (key) => translator.sentence(locale, key);
}

export const LOCALES = ['cs', 'de', 'en'] as const;

export type Locale = (typeof LOCALES)[number];

export const FALLBACK_LOCALE: Locale = 'en';

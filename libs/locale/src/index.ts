export { type AlertSubjectType, type AlertType, CATALOGS } from './catalog.js';
export { LocaleModule } from './locale.module.js';
export { explicitLocale, preferredLocale } from './negotiation.js';
export type { SentenceKey, SentenceParams } from './translator.js';
export { Translator } from './translator.js';

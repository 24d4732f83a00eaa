import { Global, Logger, Module } from '@nestjs/common';
import { LOCALES } from '#domain';
import { type I18nOptions, I18nService, type I18nTranslation } from 'nestjs-i18n';
import { BehaviorSubject } from 'rxjs';
import { CATALOGS } from './catalog.js';
import { Translator } from './translator.js';

const options: I18nOptions = {
  // No catalog has this name, so a missing key throws in every language: the library would hand back the key in its fallback language.
  fallbackLanguage: 'none',
  throwOnMissingKey: true,
  logging: false,
  formatter: (template) => template,
};

/** The library's service without its module, whose global interceptor and middleware would meet every request. */
function createI18n(): I18nService {
  const translations = new BehaviorSubject<I18nTranslation>(CATALOGS as unknown as I18nTranslation);
  const languages = new BehaviorSubject<string[]>([...LOCALES]);
  return new I18nService(options, translations, languages, new Logger(I18nService.name), [], languages, translations);
}

@Global()
@Module({
  providers: [{ provide: I18nService, useFactory: createI18n }, Translator],
  exports: [Translator],
})
export class LocaleModule {}

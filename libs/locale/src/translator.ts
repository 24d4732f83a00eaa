import { Injectable } from '@nestjs/common';
import type { ErrorCode, FaultCode, Locale, Scope } from '#domain';
import { I18nService } from 'nestjs-i18n';
import type { Catalog, Plural } from './catalog.js';

type KeyOf<Tree> = {
  [Name in keyof Tree & string]: Tree[Name] extends string | Plural ? Name : `${Name}.${KeyOf<Tree[Name]>}`;
}[keyof Tree & string];

export type SentenceKey = `alerts.${KeyOf<Catalog['alerts']>}` | `errors.${ErrorCode}` | `faults.${FaultCode}` | `mail.${KeyOf<Catalog['mail']>}` | `scopes.${Scope}` | `workspace.${KeyOf<Catalog['workspace']>}` | `notifications.${KeyOf<Catalog['notifications']>}`;

export type SentenceParams = Readonly<Record<string, string | number>>;

/** Says a sentence of the catalog in a language. */
@Injectable()
export class Translator {
  constructor(private readonly i18n: I18nService) {}

  /** A number among the params also decides between singular and plural. @throws where a sentence or a param is missing. */
  sentence(locale: Locale, key: SentenceKey, params: SentenceParams = {}): string {
    const count = Object.values(params).find((value) => typeof value === 'number');
    const template: unknown = this.i18n.translate(key, {
      lang: locale,
      ...(count === undefined ? {} : { args: { count } }),
    });
    if (typeof template !== 'string') throw new Error(`${locale} ${key} needs a number`);
    // Filled in here and not by the library, which would follow a "$t(…)" that stands in somebody's name.
    return template.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (!Object.hasOwn(params, name)) throw new Error(`${locale} ${key} needs ${name}`);
      return String(params[name]);
    });
  }
}

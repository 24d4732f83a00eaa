import { ERROR_KINDS, FAULT_CODES, LOCALES } from '#domain';
import { CATALOGS } from './catalog.js';

type Tree = { readonly [name: string]: string | Tree };

/** Every sentence by its path; the forms of a plural stand under one path. */
function sentences(tree: Tree, path = ''): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(path + name, [value]);
    else if ('other' in value) found.set(path + name, Object.values(value) as string[]);
    else for (const [below, texts] of sentences(value, `${path}${name}.`)) found.set(below, texts);
  }
  return found;
}

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

describe.each(LOCALES)('the %s catalog', (locale) => {
  const catalog = CATALOGS[locale];
  const all = sentences(catalog as unknown as Tree);
  const english = sentences(CATALOGS.en as unknown as Tree);

  it('has a sentence for every error code, and no other', () => {
    expect(Object.keys(catalog.errors).sort()).toEqual(Object.keys(ERROR_KINDS).sort());
  });

  it('has a sentence for every fault code, and no other', () => {
    expect(Object.keys(catalog.faults).sort()).toEqual([...FAULT_CODES].sort());
  });

  it('has the sentences that English has, and no other', () => {
    expect([...all.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('has every form that its language asks of a plural', () => {
    const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.filter((form) => form !== 'many');
    const plurals = (tree: Tree): Tree[] =>
      Object.values(tree).flatMap((value) => (typeof value === 'string' ? [] : 'other' in value ? [value] : plurals(value)));
    for (const plural of plurals(catalog as unknown as Tree)) expect(Object.keys(plural).sort()).toEqual([...needed].sort());
  });

  it('takes the same placeholders as English, in errors and faults sentence by sentence, in a mail as a whole', () => {
    // A greeting needs the vocative in Czech, so a language may name the person elsewhere in the same mail.
    const unit = (path: string) => (path.startsWith('mail.') ? path.split('.').slice(0, 2).join('.') : path);
    const taken = (from: Map<string, string[]>) => {
      const sets = new Map<string, Set<string>>();
      for (const [path, texts] of from) {
        const set = sets.get(unit(path)) ?? new Set();
        for (const name of texts.flatMap(placeholders)) set.add(name);
        sets.set(unit(path), set);
      }
      return Object.fromEntries([...sets].map(([path, set]) => [path, [...set].sort()]));
    };
    expect(taken(all)).toEqual(taken(english));
  });

  it('has each form of a plural take the same placeholders', () => {
    for (const texts of all.values()) {
      for (const text of texts) expect(placeholders(text)).toEqual(placeholders(texts[0]!));
    }
  });

  it('never says whose platform this is, and ends every sentence', () => {
    for (const [path, texts] of all) {
      for (const text of texts) {
        expect(text).not.toMatch(/kiket/i);
        if (/^(errors|faults)\./.test(path)) expect(text).toMatch(/^\p{Lu}.*\.$/u);
      }
    }
  });
});

import { explicitLocale, preferredLocale } from './negotiation.js';

const accepting = (acceptLanguage: string) => explicitLocale({ acceptLanguage });

describe('the language that a request asks for', () => {
  it.each([
    ['cs', 'cs'],
    ['de-AT', 'de'],
    ['EN', 'en'],
    ['cs-Latn-CZ', 'cs'],
  ])('reads ?locale=%s as %s', (query, locale) => {
    expect(explicitLocale({ query, acceptLanguage: 'fr' })).toBe(locale);
  });

  it.each(['', 'xx', 'csx', 'cs_CZ', '../', '../../etc/passwd', '__proto__', 'constructor', 'cs\0', 'cs,de', 'cs-', 'c'.repeat(100_000)])(
    'ignores ?locale=%j in favour of Accept-Language',
    (query) => {
      expect(explicitLocale({ query, acceptLanguage: 'de' })).toBe('de');
    },
  );

  it('prefers ?locale= to Accept-Language', () => {
    expect(explicitLocale({ query: 'cs', acceptLanguage: 'de' })).toBe('cs');
  });

  it.each([
    ['cs', 'cs'],
    ['cs-CZ', 'cs'],
    ['fr, de;q=0.5, en;q=0.7', 'en'],
    ['de;q=0.8, cs;q=0.8', 'de'],
    ['en;q=0.1, cs;q=0.101', 'cs'],
    ['en ; q=0.3 ,\tcs ; Q=0.9', 'cs'],
    ['*, cs;q=0.2', 'cs'],
    ['fr-CH, fr;q=0.9, de;q=0.8, *;q=0.5', 'de'],
    ['en;q=0, de;q=0.1', 'de'],
    ['cs;q=0, cs-CZ, de;q=0.1', 'de'],
    ['cs-CZ;q=0, cs;q=0.1', 'cs'],
    ['de;q=1.5, cs;q=0.1', 'cs'],
    ['de;level=1, cs;q=0.1', 'cs'],
    ['de;q=0.1;q=1, cs;q=0.05', 'cs'],
    [',,,cs', 'cs'],
  ])('reads Accept-Language %j as %s', (header, locale) => {
    expect(accepting(header)).toBe(locale);
    expect(accepting(header)).toBe(locale);
  });

  it.each(['', '*', 'cs;q=0', 'fr', '__proto__', '../', ';;;', 'q=1', 'cs;q=0.0000', '\u0000'])('finds none in Accept-Language %j', (header) => {
    expect(accepting(header)).toBeUndefined();
  });

  it('looks at no more than the beginning of a header, however long it is', () => {
    const languages = Array.from({ length: 10_000 }, (_, index) => `x${index};q=0.${index % 10}`).join(',');
    expect(accepting(`${languages},cs`)).toBeUndefined();
  });
});

describe('the language of an answer', () => {
  it('is the request’s, else the user’s, else the product’s, else English', () => {
    expect(preferredLocale('cs', 'de', 'en')).toBe('cs');
    expect(preferredLocale(undefined, 'de', 'cs')).toBe('de');
    expect(preferredLocale(undefined, null, 'cs')).toBe('cs');
    expect(preferredLocale(undefined)).toBe('en');
  });
});

import { Test } from '@nestjs/testing';
import { LocaleModule } from './locale.module.js';
import { type SentenceKey, Translator } from './translator.js';

describe('the translator', () => {
  let translator: Translator;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [LocaleModule] }).compile();
    translator = module.get(Translator);
  });

  it('says a sentence in each language', () => {
    expect(translator.sentence('cs', 'errors.unauthorized')).toBe('E-mail nebo heslo není správné.');
    expect(translator.sentence('de', 'errors.unauthorized')).toBe('E-Mail-Adresse oder Passwort ist nicht korrekt.');
    expect(translator.sentence('en', 'errors.unauthorized')).toBe('The email or the password is not correct.');
  });

  it('fits the form to the number', () => {
    const of = (min: number) => translator.sentence('cs', 'faults.too_short', { min });
    expect([of(1), of(3), of(8)]).toEqual([
      'Zadejte prosím alespoň 1 znak.',
      'Zadejte prosím alespoň 3 znaky.',
      'Zadejte prosím alespoň 8 znaků.',
    ]);
    expect(translator.sentence('en', 'faults.too_long', { max: 1 })).toBe('Please enter at most 1 character.');
  });

  it.each(['$t(errors.conflict)', '{productName}', '{{upper}}', '$& $1 $`', '__proto__'])('repeats a name as it is: %s', (name) => {
    expect(translator.sentence('en', 'mail.password_reset.greeting', { name })).toBe(`Hello ${name},`);
  });

  it.each(['cs', 'de', 'en'] as const)('throws on a missing %s sentence instead of saying its key', (locale) => {
    expect(() => translator.sentence(locale, 'errors.no_such_code' as SentenceKey)).toThrow('errors.no_such_code');
    expect(() => translator.sentence(locale, 'nothing' as SentenceKey)).toThrow('nothing');
  });

  it('throws on a missing param instead of leaving a placeholder', () => {
    expect(() => translator.sentence('en', 'mail.password_reset.greeting')).toThrow('needs name');
    expect(() => translator.sentence('en', 'faults.too_short')).toThrow('needs a number');
  });
});

import { canonicalEmail } from './email.js';

describe('an address', () => {
  it.each([
    'jan@acme.cz',
    ' Jan@Acme.CZ ',
    'JAN@ACME.CZ',
    'ｊａｎ@acme.cz',
  ])('%j is jan@acme.cz', (written) => {
    expect(canonicalEmail(written)).toBe('jan@acme.cz');
  });

  it.each([
    ['Kelvin sign', 'ma\u212Ae@acme.cz', 'make@acme.cz'],
    ['dotless i', 'm\u0131ke@acme.cz', 'mike@acme.cz'],
    ['dotted capital I', 'M\u0130KE@acme.cz', 'mike@acme.cz'],
    ['composed', 'jos\u00e9@acme.cz', 'jos\u00e9@acme.cz'],
    ['decomposed', 'jose\u0301@acme.cz', 'jos\u00e9@acme.cz'],
    ['international domain', 'jan@BÜCHER.example', 'jan@xn--bcher-kva.example'],
    ['domain that only looks like another', 'jan@straße.de', 'jan@xn--strae-oqa.de'],
    ['its ASCII form', 'jan@xn--bcher-kva.example', 'jan@xn--bcher-kva.example'],
  ])('with a %s is folded', (_, written, canonical) => {
    expect(canonicalEmail(written)).toBe(canonical);
  });

  it.each([
    '', 'jan', '@acme.cz', 'jan@', 'jan@localhost', 'jan@acme', 'jan@acme..cz', '.jan@acme.cz', 'ja..n@acme.cz', 'jan@-acme.cz',
    'jan novak@acme.cz', 'jan@acme.cz,eva@acme.cz', 'jan@acme.cz\r\nBcc: eva@acme.cz', 'jan@acme.cz\0', '"jan"@acme.cz', 'jan@[127.0.0.1]',
    'jan<eva>@acme.cz', 'jan\uff20acme.cz', `${'a'.repeat(65)}@acme.cz`, `jan@${'a.'.repeat(130)}cz`,
  ])('%j is none of one mailbox', (written) => {
    expect(canonicalEmail(written)).toBeNull();
  });
});

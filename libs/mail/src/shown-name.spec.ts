import { shownName } from './shown-name.js';

const JOINER = '\u2060';

describe('a name that somebody else chose', () => {
  it.each(['Jan Novák', 'Acme s.r.o.', 'Müller & Söhne GmbH', 'J. R. R. Tolkien', 'O’Brien', '株式会社', 'Alza a.s.'])('%s stays as it is', (name) => {
    expect(shownName(name)).toBe(name);
  });

  it.each([
    ['a\r\nb\tc\0d', 'a b c d'],
    ['  a   b  ', 'a b'],
    ['\u202eevil', 'evil'],
    ['x'.repeat(200), `${'x'.repeat(99)}…`],
    ['evil.com', `evil.${JOINER}com`],
    ['https://1.2.3.44/', `https://${JOINER}1.2.3.${JOINER}44/`],
    ['me@here', `me@${JOINER}here`],
  ])('%j becomes %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });
});

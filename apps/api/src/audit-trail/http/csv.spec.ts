import { csvRecord } from './csv.js';

it('quotes what RFC 4180 says, and ends a record with CRLF', () => {
  expect(csvRecord(['plain', 'a,b', 'say "so"', 'two\nlines', 'with\rreturn', '', null, 7, { a: 1 }, new Date(0)])).toBe(
    'plain,"a,b","say ""so""","two\nlines","with\rreturn",,,7,"{""a"":1}",1970-01-01T00:00:00.000Z\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '=HYPERLINK("x","y")'])('makes a text of %j', (text) => {
  const record = csvRecord([text]).trimEnd();
  expect(record.replace(/^"/, '').startsWith(`'${text.slice(0, 1)}`)).toBe(true);
});

it.each([
  ['x;=1+1', "x;'=1+1"],
  ['x;@SUM(A1);-1', "x;'@SUM(A1);'-1"],
  ['x\t=1', "x\t'=1"],
  ['Mozilla/5.0 (X11; Linux)', 'Mozilla/5.0 (X11; Linux)'],
  ['x;"=1+1;"', `"x;'""=1+1;"""`],
])('makes a text of %j also where semicolons or tabs part the cells: %j', (text, cell) => {
  expect(csvRecord([text])).toBe(`${cell}\r\n`);
});

it.each(["'=1", 'a=1', '1-1', 'jan@acme.cz', ' =1'])('leaves %j as it is', (text) => {
  expect(csvRecord([text])).toBe(`${text}\r\n`);
});

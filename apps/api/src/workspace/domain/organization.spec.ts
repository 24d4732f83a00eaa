import { slugOf } from './organization.js';

it.each([
  ['Acme s.r.o.', 'acme-s-r-o'],
  ['Žluťoučký kůň, a. s.', 'zlutoucky-kun-a-s'],
  ['Groß & Söhne', 'gross-sohne'],
  ['  --  ', 'organization'],
  ['株式会社', 'organization'],
  ['a'.repeat(80), 'a'.repeat(50)],
])('%j stands in a URL as %s', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

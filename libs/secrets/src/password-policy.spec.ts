import { passwordFaults } from './password-policy.js';

const EMAIL = 'jan@acme.cz';
const faults = (password: string, email = EMAIL) => passwordFaults('password', password, email);

describe('a new password', () => {
  it.each<[string, string]>([
    ["the documentation's first sample", 'SecurePass123!'],
    ["the documentation's second sample", 'NewPass456!'],
    ['eight code points', 'kx9 qz#7'],
    ['eight code points outside the basic plane', '🦊🌲🦉🌊🦔🌵🐝🍄'],
    ['128 code points', '𝄞'.repeat(127) + 'x'],
    ['without digits or capitals', 'osm modrých koní'],
    ['a common one with more to it', 'password-of-nobody-else'],
    ['with the name but not the whole address', 'jan-acme-cz-42'],
    ['of spaces', '  \u3000 \u2003   '],
  ])('may be %s', (_, password) => {
    expect(faults(password)).toEqual([]);
  });

  it.each<[string, string, object]>([
    ['empty', '', { code: 'too_short', params: { min: 8 } }],
    ['of seven code points', 'kx9 qz#', { code: 'too_short', params: { min: 8 } }],
    ['of seven code points outside the basic plane', '🦊🌲🦉🌊🦔🌵🐝', { code: 'too_short', params: { min: 8 } }],
    ['of seven characters written as eight code points', 'kx9 qze\u0301', { code: 'too_short', params: { min: 8 } }],
    ['of 129 code points', 'k7'.repeat(64) + 'x', { code: 'too_long', params: { max: 128 } }],
    ['of a megabyte', 'k7'.repeat(500_000), { code: 'too_long', params: { max: 128 } }],
    ['among the commonest', 'password1', { code: 'too_common' }],
    ['among the commonest, in capitals', 'PassWord1', { code: 'too_common' }],
    ['a row of digits', '123456789', { code: 'too_common' }],
    ['the email', EMAIL, { code: 'contains_email' }],
    ['around the email', `x${EMAIL}9`, { code: 'contains_email' }],
    ['the email in capitals', 'JAN@ACME.CZ', { code: 'contains_email' }],
    ['with a lone high surrogate', 'kx9 qz#7\ud800', { code: 'ill_formed_text' }],
    ['with a lone low surrogate', '\udc00kx9 qz#7', { code: 'ill_formed_text' }],
    ['with a NUL', 'kx9 qz#7\0', { code: 'ill_formed_text' }],
  ])('may not be %s', (_, password, fault) => {
    expect(faults(password)).toEqual([{ field: 'password', ...fault }]);
  });

  it('may not contain the email in another normalization', () => {
    expect(faults('xx.jose\u0301@acme.cz', 'jos\u00e9@acme.cz')).toEqual([{ field: 'password', code: 'contains_email' }]);
  });

  it('is judged without an email where there is none', () => {
    expect(faults('SecurePass123!', '')).toEqual([]);
  });

  it('names the field that it was given in', () => {
    expect(passwordFaults('new_password', '', EMAIL)).toEqual([{ field: 'new_password', code: 'too_short', params: { min: 8 } }]);
  });
});

import { createHash } from 'node:crypto';
import { Secrets } from './secrets.js';

const secrets = new Secrets();

describe('a generated secret', () => {
  it('is its scheme, 40 hex characters and the CRC-32 of both', () => {
    const { plaintext } = secrets.generate('wksp_');

    expect(plaintext).toMatch(/^wksp_[0-9a-f]{48}$/);
    expect(secrets.isWellFormed('wksp_', plaintext)).toBe(true);
  });

  it('has a checksum that anyone can compute (the CRC-32 of zlib and PNG)', () => {
    expect(secrets.isWellFormed('wksp_', 'wksp_0000000000000000000000000000000000000000915ed5ff')).toBe(true);
  });

  it('is stored as its SHA-256 digest and shown by its first characters', () => {
    const { plaintext, digest, prefix } = secrets.generate('ext_live_');

    expect(digest).toEqual(createHash('sha256').update(plaintext).digest());
    expect(secrets.digest(plaintext)).toEqual(digest);
    expect(prefix).toBe(plaintext.slice(0, 17));
    expect(prefix).toMatch(/^ext_live_[0-9a-f]{8}$/);
  });

  it('is never the same twice', () => {
    const many = Array.from({ length: 1000 }, () => secrets.generate('wksp_').plaintext);

    expect(new Set(many).size).toBe(many.length);
  });

  it('keeps the leading zeros of its checksum', () => {
    const many = Array.from({ length: 2000 }, () => secrets.generate('kcs_').plaintext);

    expect(many.every((text) => secrets.isWellFormed('kcs_', text))).toBe(true);
  });
});

describe('a text that was never generated', () => {
  const { plaintext } = secrets.generate('wksp_');
  const flipped = (index: number) => plaintext.slice(0, index) + (plaintext[index] === '0' ? '1' : '0') + plaintext.slice(index + 1);

  it.each<[string, string]>([
    ['empty', ''],
    ['the scheme alone', 'wksp_'],
    ['another scheme', plaintext.replace('wksp_', 'kcs_')],
    ['another scheme of the same length', secrets.generate('abcd_').plaintext],
    ['longer, with a checksum that fits', secrets.generate('wksp_00000000').plaintext],
    ['its scheme in capitals', plaintext.replace('wksp_', 'WKSP_')],
    ['in capitals, with the checksum of that', `wksp_${'A'.repeat(40)}2d88e241`],
    ['its checksum in capitals', `wksp_${'0'.repeat(40)}915ED5FF`],
    ['one character short', plaintext.slice(0, -1)],
    ['one character long', `${plaintext}0`],
    ['followed by a line end', `${plaintext}\n`],
    ['preceded by a space', ` ${plaintext}`],
    ['its first character mistyped', flipped(5)],
    ['its last secret character mistyped', flipped(44)],
    ['its checksum mistyped', flipped(52)],
    ['not hexadecimal', `wksp_${'g'.repeat(48)}`],
    ['in fullwidth digits', `wksp_${'０'.repeat(48)}`],
    ['16 KB long', `wksp_${'0'.repeat(16_384)}`],
  ])('is refused where it is %s', (_, text) => {
    expect(secrets.isWellFormed('wksp_', text)).toBe(false);
  });
});

it('a random id is 128 bits in base64url', () => {
  expect(secrets.randomId()).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(secrets.randomId()).not.toBe(secrets.randomId());
});

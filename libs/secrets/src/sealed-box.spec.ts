import { loadConfig } from '#config';
import { BrokenSeal } from './aead.js';
import { SealedBox } from './sealed-box.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const boxWith = (byte: number) => new SealedBox(loadConfig({ SECRETS_KEY: key(byte), PASSWORD_PEPPER: key(9) }));
const box = boxWith(1);

describe('a sealed value', () => {
  it.each<[string, string | Buffer]>([
    ['a text', 'příliš žluťoučký kůň'],
    ['bytes', Buffer.from([0, 255, 0, 128])],
    ['nothing', ''],
    ['16 KB', Buffer.alloc(16_384, 7)],
  ])('comes back byte for byte: %s', (_, value) => {
    expect(box.open(box.seal(value, 'here'), 'here')).toEqual(Buffer.from(value as string));
  });

  it('opens after a restart', () => {
    expect(boxWith(1).open(box.seal('secret', 'here'), 'here').toString()).toBe('secret');
  });

  it('looks different each time and shows nothing', () => {
    const one = box.seal('secret', 'here');

    expect(one.equals(box.seal('secret', 'here'))).toBe(false);
    expect(one.includes('secret')).toBe(false);
  });

  it('does not open in another place', () => {
    expect(() => box.open(box.seal('secret', 'org 1'), 'org 2')).toThrow(BrokenSeal);
    expect(() => box.open(box.seal('secret', ''), 'org 2')).toThrow(BrokenSeal);
  });

  it('does not open with another key, and says so', () => {
    expect(() => boxWith(2).open(box.seal('secret', 'here'), 'here')).toThrow('another SECRETS_KEY');
  });

  it('does not open where a single bit of it changed', () => {
    const sealed = box.seal('secret', 'here');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => box.open(changed, 'here')).toThrow(BrokenSeal);
    }
  });

  it('does not open where it was cut or lengthened', () => {
    const sealed = box.seal('secret', 'here');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => box.open(sealed.subarray(0, length), 'here')).toThrow(BrokenSeal);
    }
    expect(() => box.open(Buffer.concat([sealed, Buffer.of(0)]), 'here')).toThrow(BrokenSeal);
  });

  it('says in its first bytes by which version and key it was sealed', () => {
    const header = (sealed: Buffer) => sealed.subarray(0, 5).toString('hex');

    expect(header(box.seal('a', 'x'))).toBe(header(box.seal('b', 'y')));
    expect(header(box.seal('a', 'x'))).not.toBe(header(boxWith(2).seal('a', 'x')));
    expect(header(box.seal('a', 'x'))).toMatch(/^01/);
  });
});

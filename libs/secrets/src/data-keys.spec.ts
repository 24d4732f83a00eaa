import { loadConfig } from '#config';
import { BrokenSeal } from './aead.js';
import { DataKeys } from './data-keys.js';
import { SealedBox } from './sealed-box.js';
import { ValueFingerprints } from './value-fingerprints.js';

const configWith = (byte: number) => loadConfig({ SECRETS_KEY: Buffer.alloc(32, byte).toString('base64'), PASSWORD_PEPPER: Buffer.alloc(32, 9).toString('base64') });
const keysWith = (byte: number) => new DataKeys(new SealedBox(configWith(byte)));
const keys = keysWith(1);

describe('a data key', () => {
  it('opens after a restart what it sealed, byte for byte', () => {
    const stored = keys.generate(1);
    const sealed = keys.open(stored).seal(' příliš\n🐴 ', 'here');
    expect(keysWith(1).open(stored).open(sealed, 'here').toString()).toBe(' příliš\n🐴 ');
  });

  it('seals a hundred thousand values with as many nonces', () => {
    const key = keys.open(keys.generate(1));
    const nonces = new Set(Array.from({ length: 100_000 }, () => key.seal('v', 'here').toString('hex', 5, 17)));
    expect(nonces.size).toBe(100_000);
  });

  it('says in the first bytes of what it seals which version it is', () => {
    expect(keys.open(keys.generate(258)).seal('v', 'here').toString('hex', 0, 5)).toBe('0200000102');
  });

  it('opens neither another version’s values nor those of another key of its version', () => {
    const [first, second, other] = [keys.generate(1), keys.generate(2), keys.generate(1)].map((stored) => keys.open(stored));
    const sealed = first?.seal('v', 'here') ?? Buffer.alloc(0);
    expect(() => second?.open(sealed, 'here')).toThrow('another version of the data key');
    expect(() => other?.open(sealed, 'here')).toThrow(BrokenSeal);
  });

  it('does not open in another version’s place, nor with another SECRETS_KEY', () => {
    const stored = keys.generate(1);
    expect(() => keys.open({ ...stored, version: 2 })).toThrow(BrokenSeal);
    expect(() => keysWith(2).open(stored)).toThrow('another SECRETS_KEY');
  });

  it('is stored without a trace of itself', () => {
    const [one, other] = [keys.generate(1), keys.generate(1)];
    expect(one.sealed.equals(other.sealed)).toBe(false);
    expect(one.sealed).toHaveLength(5 + 12 + 32 + 16);
  });
});

describe('the fingerprint of a value', () => {
  const fingerprints = new ValueFingerprints(configWith(1));

  it('is the same for the same value of one holder, also after a restart, and tells others apart', () => {
    expect(fingerprints.of('secret', 'extension 1')).toMatch(/^[0-9a-f]{16}$/);
    expect(new ValueFingerprints(configWith(1)).of('secret', 'extension 1')).toBe(fingerprints.of('secret', 'extension 1'));
    expect(fingerprints.of('secret ', 'extension 1')).not.toBe(fingerprints.of('secret', 'extension 1'));
  });

  it('looks different for another holder, and under another SECRETS_KEY', () => {
    expect(fingerprints.of('secret', 'extension 2')).not.toBe(fingerprints.of('secret', 'extension 1'));
    expect(new ValueFingerprints(configWith(2)).of('secret', 'extension 1')).not.toBe(fingerprints.of('secret', 'extension 1'));
  });
});

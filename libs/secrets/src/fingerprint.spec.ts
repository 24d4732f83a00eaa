import { fingerprintOf } from './fingerprint.js';

describe('a fingerprint', () => {
  const key = Buffer.alloc(32, 1);

  it('is the same for the same key and purpose, in 64 hex characters', () => {
    expect(fingerprintOf(key, 'a')).toBe(fingerprintOf(Buffer.alloc(32, 1), 'a'));
    expect(fingerprintOf(key, 'a')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs by key and by purpose', () => {
    expect(fingerprintOf(key, 'a')).not.toBe(fingerprintOf(Buffer.alloc(32, 2), 'a'));
    expect(fingerprintOf(key, 'a')).not.toBe(fingerprintOf(key, 'b'));
  });
});

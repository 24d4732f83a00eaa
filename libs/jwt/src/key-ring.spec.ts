import { type DatedKey, FixedKeyRing, TimedKeyRing } from './key-ring.js';
import { SigningKey } from './signing-key.js';

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.UTC(2030, 0, 1) + days * DAY);

const a = SigningKey.generate();
const b = SigningKey.generate();
const c = SigningKey.generate();
const dated = (key: SigningKey, activatesAt: Date, removedAt: Date | null = null): DatedKey => ({
  kid: key.kid,
  key: removedAt === null ? key : null,
  activatesAt,
  removedAt,
});
const statesOf = (ring: TimedKeyRing, now: Date) => ring.states(now).map(({ state }) => state);

describe('keys that follow one another', () => {
  // b takes over on the 10th day, c on the 20th.
  const ring = new TimedKeyRing([dated(a, at(0)), dated(b, at(10)), dated(c, at(20))]);

  it.each<[number, string[], SigningKey]>([
    [0, ['active', 'upcoming', 'upcoming'], a],
    [9.999, ['active', 'upcoming', 'upcoming'], a],
    [10, ['verify-only', 'active', 'upcoming'], b],
    [20, ['verify-only', 'verify-only', 'active'], c],
    [39.999, ['verify-only', 'verify-only', 'active'], c],
    [40, ['gone', 'verify-only', 'active'], c],
    [50, ['gone', 'gone', 'active'], c],
    [5000, ['gone', 'gone', 'active'], c],
  ])('on day %d are %j', (day, states, signer) => {
    expect(statesOf(ring, at(day))).toEqual(states);
    expect(ring.signer(at(day))).toBe(signer);
  });

  it('are published before they sign, while they sign and until what they signed has expired', () => {
    expect(ring.published(at(0))).toEqual([a, b, c]);
    expect(ring.published(at(39))).toEqual([a, b, c]);
    expect(ring.published(at(40))).toEqual([b, c]);
    expect(ring.find(a.kid, at(39))).toBe(a);
    expect(ring.find(a.kid, at(40))).toBeUndefined();
    expect(ring.find(c.kid, at(0))).toBe(c);
  });

  it('are found by no other name', () => {
    expect(ring.find('__proto__', at(0))).toBeUndefined();
    expect(ring.has('constructor')).toBe(false);
  });

  it('are never without a signer where a clock is slow', () => {
    expect(ring.signer(at(-1))).toBe(a);
    expect(statesOf(ring, at(-1))).toEqual(['active', 'upcoming', 'upcoming']);
  });

  it('give way to the later one where two begin at the same moment', () => {
    const twins = new TimedKeyRing([dated(a, at(0)), dated(b, at(0))]);

    expect(twins.signer(at(0))).toBe(b);
    expect(statesOf(twins, at(29))).toEqual(['verify-only', 'active']);
    expect(statesOf(twins, at(30))).toEqual(['gone', 'active']);
  });
});

describe('a removed key', () => {
  it('is gone at once', () => {
    const ring = new TimedKeyRing([dated(a, at(0), at(11)), dated(b, at(10))]);

    expect(statesOf(ring, at(11))).toEqual(['gone', 'active']);
    expect(ring.published(at(11))).toEqual([b]);
    expect(ring.find(a.kid, at(11))).toBeUndefined();
    expect(ring.has(a.kid)).toBe(true);
  });

  it('that had served still ended the one before it', () => {
    const ring = new TimedKeyRing([dated(a, at(0)), dated(b, at(10), at(21)), dated(c, at(20))]);

    expect(statesOf(ring, at(39))).toEqual(['verify-only', 'gone', 'active']);
    expect(statesOf(ring, at(40))).toEqual(['gone', 'gone', 'active']);
  });

  it('that never served ended nobody', () => {
    const ring = new TimedKeyRing([dated(a, at(0)), dated(b, at(10), at(9)), dated(c, at(20))]);

    expect(ring.signer(at(15))).toBe(a);
    expect(statesOf(ring, at(49))).toEqual(['verify-only', 'gone', 'active']);
    expect(statesOf(ring, at(50))).toEqual(['gone', 'gone', 'active']);
  });
});

it('a ring without keys signs nothing', () => {
  const empty = new TimedKeyRing([]);

  expect(empty.signer(at(0))).toBeUndefined();
  expect(empty.published(at(0))).toEqual([]);
});

it('of keys that somebody else keeps the first signs and all are published', () => {
  const ring = new FixedKeyRing([a, b]);

  expect(ring.signer()).toBe(a);
  expect(ring.published()).toEqual([a, b]);
  expect(ring.find(b.kid)).toBe(b);
  expect(ring.find(c.kid)).toBeUndefined();
});

import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import { loadConfig } from '#config';
import { HashQueue } from './hash-queue.js';
import { DEFAULT_PASSWORD_COST, Passwords } from './passwords.js';

const key = (byte: number) => Buffer.alloc(32, byte);
const configWith = (pepper: Buffer) =>
  loadConfig({ SECRETS_KEY: key(1).toString('base64'), PASSWORD_PEPPER: pepper.toString('base64') });
const withPepper = (pepper: Buffer, cost = 4) => new Passwords(configWith(pepper), new HashQueue(1, 60_000), cost);
const passwords = withPepper(key(2));

describe('a password', () => {
  it('matches its own hash and no other password does', async () => {
    const hash = await passwords.hash('SecurePass123!');

    expect(await passwords.matches('SecurePass123!', hash)).toBe(true);
    expect(await passwords.matches('SecurePass123', hash)).toBe(false);
    expect(await passwords.matches('securepass123!', hash)).toBe(false);
    expect(await passwords.matches('', hash)).toBe(false);
  });

  it('is hashed by bcrypt over 64 characters of a keyed pre-hash', async () => {
    const hash = await passwords.hash('SecurePass123!');
    const prehash = createHmac('sha384', key(2)).update('SecurePass123!').digest('base64');

    expect(prehash).toHaveLength(64);
    expect(await bcrypt.compare(prehash, hash)).toBe(true);
  });

  it('costs 12 unless the test world says otherwise', async () => {
    expect(DEFAULT_PASSWORD_COST).toBe(12);
    expect(await withPepper(key(2), 5).hash('SecurePass123!')).toMatch(/^\$2b\$05\$/);
  });

  it.each<[string, string, string]>([
    ['are equal in their first 72 bytes', `${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`],
    ['are equal in their first 72 bytes of UTF-8', `${'ž'.repeat(36)}b`, `${'ž'.repeat(36)}c`],
    ['are equal before a NUL', 'password\0one', 'password\0two'],
    ['differ in a trailing space', 'SecurePass123!', 'SecurePass123! '],
    ['differ in a compatibility character only', 'SecurePassK', 'SecurePass\uff2b'],
  ])('is told from another where both %s', async (_, one, other) => {
    expect(await passwords.matches(other, await passwords.hash(one))).toBe(false);
  });

  it('is the same whether é was typed as one character or as two', async () => {
    expect(await passwords.matches('cafe\u0301 noir', await passwords.hash('caf\u00e9 noir'))).toBe(true);
  });

  it('with a lone surrogate matches nothing, not even what UTF-8 would make of it', async () => {
    const hash = await passwords.hash('password\ufffd');

    expect(await passwords.matches('password\ud800', hash)).toBe(false);
    expect(await passwords.matches('password\udfff', hash)).toBe(false);
    expect(await passwords.matches('password\ufffd', hash)).toBe(true);
  });

  it('of a megabyte is compared like any other', async () => {
    expect(await passwords.matches('x'.repeat(1_000_000), await passwords.hash('SecurePass123!'))).toBe(false);
  });

  it('matches under its own pepper only', async () => {
    expect(await withPepper(key(3)).matches('SecurePass123!', await passwords.hash('SecurePass123!'))).toBe(false);
  });
});

describe('where there is no account', () => {
  it.each(['SecurePass123!', '', 'Nobody'])('no password matches: %p', async (password) => {
    expect(await passwords.matches(password, null)).toBe(false);
  });

  it('evaluates a hash all the same', async () => {
    const queue = new CountingQueue();
    const counted = new Passwords(configWith(key(2)), queue, 4);
    await counted.matches('WrongPass123!', null);
    expect(queue.evaluations).toBe(1);
  });
});

class CountingQueue extends HashQueue {
  evaluations = 0;

  override async run<Result>(hash: () => Promise<Result>): Promise<Result> {
    this.evaluations += 1;
    return super.run(hash);
  }
}

it('refuses at once when too many wait', async () => {
  const busy = new Passwords(configWith(key(2)), new HashQueue(1, 0), 4);
  const running = busy.hash('SecurePass123!');

  expect(() => busy.assertRoom()).toThrow(expect.objectContaining({ code: 'overloaded' }));
  await expect(busy.matches('SecurePass123!', null)).rejects.toMatchObject({ code: 'overloaded' });
  await running;
  expect(() => busy.assertRoom()).not.toThrow();
});

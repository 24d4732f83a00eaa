import { readCompactJws } from './compact-jws.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const INPUT = `${encode({ alg: 'ES256' })}.${encode({ sub: '7' })}`;
const signature = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64url');

describe('the form of a token', () => {
  it('is read without any key', () => {
    expect(readCompactJws(`${INPUT}.${signature(64)}`)).toEqual({
      header: { alg: 'ES256' },
      payload: { sub: '7' },
      signingInput: INPUT,
      signature: Buffer.alloc(64, 1),
    });
  });

  it.each([0, 1, 32, 63, 65, 70, 71, 72, 96])('is refused before any crypto where the signature has %d bytes', (bytes) => {
    expect(() => readCompactJws(`${INPUT}.${signature(bytes)}`)).toThrow(expect.objectContaining({ code: 'invalid_token' }));
  });

  it('is refused beyond 4,096 characters', () => {
    const tokens = Array.from({ length: 40 }, (_, more) => `${encode({ alg: 'ES256' })}.${encode('x'.repeat(2960 + more))}.${signature(64)}`);
    const isRead = (token: string) => {
      try {
        return readCompactJws(token) !== undefined;
      } catch {
        return false;
      }
    };

    const read = tokens.filter(isRead);

    expect(read).toEqual(tokens.filter((token) => token.length <= 4096));
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThan(tokens.length);
  });

  it('is refused for a reason that the log is told and the reader is not', () => {
    const refusal = (() => {
      try {
        return readCompactJws('a.b.c');
      } catch (error) {
        return error as Error;
      }
    })() as Error;

    expect(refusal.message).toBe('invalid_token');
    expect(String(refusal.cause)).toContain('a part is not JSON');
  });
});

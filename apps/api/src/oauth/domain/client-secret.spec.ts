import { ClientSecret } from './client-secret.js';

const NOW = new Date('2030-01-01T12:00:00Z');
const seconds = (count: number) => new Date(NOW.getTime() + count * 1_000);
const facts = (expiresAt: Date | null = null) => ({ applicationId: 1, digest: Buffer.alloc(32), prefix: 'kcs_00000000', expiresAt });

const added = (expiresAt: Date | null = null, others: readonly ClientSecret[] = []) => ClientSecret.add(others, facts(expiresAt), NOW);
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('a secret', () => {
  it('is added unused', () => {
    expect(added(seconds(60))).toEqual({ ...facts(seconds(60)), createdAt: NOW, lastUsedAt: null, revokedAt: null });
  });

  it('is added beside one that works, and beside no two', () => {
    expect(() => added(null, [added()])).not.toThrow();
    expect(() => added(null, [added(), added()])).toThrow(refused('limit_reached'));
    expect(() => added(null, [added(seconds(1)), added()])).toThrow(refused('limit_reached'));
  });

  it('has room beside those that work no more', () => {
    const revoked = added();
    revoked.revoke(NOW);
    const expired = ClientSecret.add([], facts(NOW), seconds(-60));
    expect(() => added(null, [revoked, expired, added()])).not.toThrow();
    expect(() => added(null, [revoked, expired, added(), added()])).toThrow(refused('limit_reached'));
  });

  it.each([0, -1])('cannot have ended: %i seconds from now', (count) => {
    expect(() => added(seconds(count))).toThrow(refused('validation_error'));
  });

  it('works until it ends, and not in the moment of its end', () => {
    const secret = added(seconds(60));
    expect([secret.works(NOW), secret.works(seconds(59.999)), secret.works(seconds(60))]).toEqual([true, true, false]);
    expect(added().works(seconds(1e9))).toBe(true);
  });

  it('is revoked once: the first date stays', () => {
    const secret = added();
    secret.revoke(NOW);
    secret.revoke(seconds(5));
    expect([secret.revokedAt, secret.works(NOW)]).toEqual([NOW, false]);
  });
});

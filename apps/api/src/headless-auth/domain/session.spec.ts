import { judgeRefresh, Session } from './session.js';

const now = new Date('2026-11-24T12:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const rotated = (rotatedAt: Date | null) => ({ refreshJti: 'child', previousRefreshJti: 'parent', rotatedAt });

describe('a presented refresh token', () => {
  it.each([
    ['the current one is current', rotated(before(5)), 'child', 'current'],
    ['its parent, ten seconds later at most, is a repetition', rotated(before(10)), 'parent', 'repeated'],
    ['its parent, later, is stolen', rotated(before(10.001)), 'parent', 'stolen'],
    ['a grandparent is stolen, also within the grace', rotated(before(0)), 'grandparent', 'stolen'],
    ['one of an invented id is stolen', { refreshJti: 'child', previousRefreshJti: null, rotatedAt: null }, 'other', 'stolen'],
  ] as const)('%s', (_, session, jti, verdict) => {
    expect(judgeRefresh(session, jti, now)).toBe(verdict);
  });
});

describe('a session', () => {
  it('lives ninety days, however often it is refreshed', () => {
    const facts = { userId: 1, membershipId: 2, organizationId: 3, productId: 4, ip: null, userAgent: null, refreshJti: 'first' };
    const session = Session.start(facts, now);
    expect(session.expiresAt).toEqual(new Date('2027-02-22T12:00:00Z'));
    expect(session).toMatchObject({ refreshJti: 'first', previousRefreshJti: null, rotatedAt: null, revokedAt: null });
  });
});

import { Grant, type Scope, Scopes } from '#domain';
import { graceEnd, type NewToken, WorkspaceToken, warningHorizon } from './workspace-token.js';

const NOW = new Date('2027-01-01T12:00:00.000Z');
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

const inHours = (hours: number) => new Date(NOW.getTime() + hours * HOUR_MS);
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const of = (...scopes: Scope[]) => Grant.of(Scopes.of(...scopes));
const refusal = (code: string, faults?: object[]) => expect.objectContaining({ code, ...(faults !== undefined && { details: { faults } }) });

function issued(facts: Partial<NewToken> = {}, now = NOW): WorkspaceToken {
  return WorkspaceToken.issue({ organizationId: 1, membershipId: 2 }, { name: 'CI', grant: of('issues:read'), expiresAt: null, ...facts }, 'wksp_01234567', now);
}

describe('a token that is issued', () => {
  it('belongs to a membership, carries what it was given, and is alive', () => {
    expect(issued({ expiresAt: inDays(30) })).toEqual({
      organizationId: 1,
      membershipId: 2,
      name: 'CI',
      fullAccess: false,
      scopes: Scopes.of('issues:read'),
      tokenPrefix: 'wksp_01234567',
      expiresAt: inDays(30),
      expiryWarnedDays: null,
      createdAt: NOW,
      revokedAt: null,
    });
  });

  it('keeps full access as a fact of its own, beside no scopes', () => {
    const token = issued({ grant: Grant.full });
    expect([token.fullAccess, token.scopes, token.grant]).toEqual([true, Scopes.none, Grant.full]);
  });

  it('opens nothing once its scopes are emptied', () => {
    const token = Object.assign(issued(), { scopes: Scopes.none });
    expect(token.grant).toEqual(Grant.nothing);
  });

  it.each([NOW, inHours(-1), new Date(0)])('ends in the future, and so not at %j', (expiresAt) => {
    expect(() => issued({ expiresAt })).toThrow(refusal('validation_error', [{ field: 'expires_at', code: 'not_in_future' }]));
  });

  it('may end in a millisecond', () => {
    expect(issued({ expiresAt: new Date(NOW.getTime() + 1) }).isActive(NOW)).toBe(true);
  });
});

describe('a token is alive', () => {
  it('until the very moment at which it expires', () => {
    const token = issued({ expiresAt: inDays(1) });
    expect([new Date(inDays(1).getTime() - 1), inDays(1)].map((now) => token.isActive(now))).toEqual([true, false]);
  });

  it('for good where it never expires', () => {
    expect(issued().isActive(new Date('9999-01-01T00:00:00Z'))).toBe(true);
  });

  it('until it is revoked, and the first time counts', () => {
    const token = issued();
    token.revoke(inHours(1));
    token.revoke(inHours(2));
    expect([token.revokedAt, token.isActive(inHours(1))]).toEqual([inHours(1), false]);
  });
});

describe('a new secret', () => {
  it('shows in the prefix and changes nothing else', () => {
    const token = issued({ expiresAt: inDays(30) });
    token.rotate('wksp_89abcdef', inDays(1));
    expect(token).toEqual({ ...issued({ expiresAt: inDays(30) }), tokenPrefix: 'wksp_89abcdef' });
  });

  it.each<[string, (token: WorkspaceToken) => void, Date]>([
    ['revoked', (token) => { token.revoke(NOW); }, NOW],
    ['expired', () => undefined, inDays(1)],
  ])('revives no token that is %s', (_, kill, now) => {
    const token = issued({ expiresAt: inDays(1) });
    kill(token);
    expect(() => { token.rotate('wksp_89abcdef', now); }).toThrow(refusal('conflict'));
    expect(token.tokenPrefix).toBe('wksp_01234567');
  });

  it.each([[0, NOW], [60, new Date(NOW.getTime() + 60_000)], [86_400, inDays(1)]])('lets the one before it work for %d seconds more', (seconds, end) => {
    expect(graceEnd(seconds, NOW)).toEqual(end);
  });

  it('lets the one before it work for a day at most', () => {
    expect(() => graceEnd(86_401, NOW)).toThrow(refusal('validation_error', [{ field: 'grace_period_seconds', code: 'too_large', params: { most: 86_400 } }]));
  });
});

/** The hours left at which a scan looked, each with the days that it warned of. */
function warned(lifeHours: number | null, looks: readonly number[], kill: (token: WorkspaceToken) => void = () => undefined): (number | null)[] {
  const end = lifeHours === null ? null : inHours(lifeHours);
  const token = issued({ expiresAt: end });
  kill(token);
  return looks.map((left) => token.takeWarning(new Date((end ?? NOW).getTime() - left * HOUR_MS)));
}

describe('a warning', () => {
  it.each<[string, number | null, number[], (number | null)[]]>([
    ['comes a week before the end and a day before it, once each', 30 * 24, [169, 168, 167, 100, 25, 24, 23, 1], [null, 7, null, null, null, 1, null, null]],
    ['that comes late says how many days are left', 30 * 24, [100, 5], [5, 1]],
    ['that was missed is not made up for beside the later one', 30 * 24, [20, 19], [1, null]],
    ['of a week is no news to who gave the token three days', 3 * 24, [72, 60, 24, 23], [null, null, 1, null]],
    ['of a week is no news to who gave the token exactly a week', 7 * 24, [168, 100, 24], [null, null, 1]],
    ['is no news at all to who gave the token six hours', 6, [6, 3, 1], [null, null, null]],
    ['comes to who gave the token a moment more than a week', 168.001, [168.001, 168], [null, 7]],
    ['never comes after the end', 30 * 24, [0, -1], [null, null]],
    ['never comes to a token without an end', null, [0], [null]],
  ])('%s', (_, life, looks, due) => {
    expect(warned(life, looks)).toEqual(due);
  });

  it('never comes to a token that is revoked', () => {
    expect(warned(30 * 24, [168, 24], (token) => { token.revoke(NOW); })).toEqual([null, null]);
  });

  it('is sought among what ends within a week', () => {
    expect(warningHorizon(NOW)).toEqual(inDays(7));
  });
});

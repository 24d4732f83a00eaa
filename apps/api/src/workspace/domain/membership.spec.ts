import { Membership } from './membership.js';
import { User } from './user.js';

const now = new Date('2026-11-24T12:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);

const invited = () => {
  const facts = { organizationId: 1, pendingId: 40, email: 'Eva@acme.cz', canonicalEmail: 'eva@acme.cz', name: 'Eva', role: 'member' } as const;
  const membership = Membership.invite(facts, now);
  membership.renewInvitation({ digest: Buffer.from('first'), expiresAt: later(7), sentTo: 'Eva@acme.cz' }, now);
  return membership;
};
const eva = Object.assign(User.register({ email: 'Eva@acme.cz', canonicalEmail: 'eva@acme.cz', name: 'Eva', locale: 'cs', emailProven: true }, now), { id: 7 });

describe('an invitation', () => {
  it('leaves its place pending, under an id of nobody’s', () => {
    expect(invited()).toMatchObject({ isPending: true, memberId: 40, userId: null, joinedAt: null });
  });

  it.each([
    [0, true],
    [6.999, true],
    [7, false],
    [8, false],
  ])('may be accepted %d days later: %s', (days, acceptable) => {
    expect(invited().isAcceptable(later(days))).toBe(acceptable);
  });

  it('is good for the newest link alone', () => {
    const membership = invited();
    membership.renewInvitation({ digest: Buffer.from('second'), expiresAt: later(10), sentTo: 'eva@acme.cz' }, later(3));
    expect(membership).toMatchObject({ invitationDigest: Buffer.from('second'), invitationSentTo: 'eva@acme.cz', updatedAt: later(3) });
    expect(membership.isAcceptable(later(9))).toBe(true);
  });

  it('is used up by being accepted, and its place belongs to the person then', () => {
    const membership = invited();
    membership.accept(eva, later(1));
    expect(membership).toMatchObject({ isPending: false, memberId: 7, joinedAt: later(1), invitationDigest: null });
    expect(membership.isAcceptable(later(1))).toBe(false);
  });

  it('is dead when it was withdrawn', () => {
    const membership = invited();
    membership.end(later(1));
    expect([membership.isAcceptable(later(1)), membership.invitationDigest]).toEqual([false, null]);
  });
});

it('a membership that ended twice keeps the first date', () => {
  const membership = Membership.join(1, 7, 'admin', now);
  membership.end(later(1));
  membership.end(later(2));
  expect(membership.endedAt).toEqual(later(1));
});

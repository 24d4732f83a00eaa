import { Comment } from './comment.js';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const comment = () => Comment.write({ organizationId: 1, issueId: 2, authorId: 7, body: 'Confirmed.' }, now);

describe('a comment', () => {
  it('is dated when it is written, and again when it is edited', () => {
    const edited = comment();
    expect(edited).toEqual({ organizationId: 1, issueId: 2, authorId: 7, body: 'Confirmed.', createdAt: now, updatedAt: now });
    edited.edit('Not yet.', later);
    expect(edited).toEqual({ ...comment(), body: 'Not yet.', updatedAt: later });
  });

  it.each([
    ['its author', 7, false, true],
    ['its author, who administers', 7, true, true],
    ['an admin', 8, true, true],
    ['anybody else', 8, false, false],
  ])('is in the hands of %s: %3$s', (_, userId, administers, expected) => {
    expect(comment().isInTheHandsOf(userId, administers)).toBe(expected);
  });
});

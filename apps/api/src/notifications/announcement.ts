/** On which inboxes that hold sockets are told. */
export const INBOXES = 'kiket_inboxes';

/** That something has changed in a member's inbox; what it is, says the inbox itself. */
export interface Announcement {
  readonly membershipId: number;
  /** Which socket of the member's brought it about and knows it; empty where none did. */
  readonly origin: string;
  /** Whoever was told up to this offset has missed nothing; infinite where the announcement cannot say. */
  readonly upTo: number;
  /** How many changes it stands for. */
  readonly changes: number;
}

export function newsWord(membershipId: number, upTo: number): string {
  return `n:${membershipId}:${upTo}`;
}

export function unreadCountWord(membershipId: number, origin: string): string {
  return `u:${membershipId}:${origin}`;
}

/** What a word says; one of another release, less. */
function announcementOf(word: string): Announcement {
  const [kind, member, detail = ''] = word.split(':');
  const membershipId = Number(member);
  if (kind === 'u') return { membershipId, origin: detail, upTo: Infinity, changes: 1 };
  return { membershipId, origin: '', upTo: /^\d+$/.test(detail) ? Number(detail) : Infinity, changes: 1 };
}

/** What was announced and not read yet: one of each member. */
export class Announcements {
  private byMember = new Map<number, Announcement>();
  /** As they were heard: whoever is telling is not kept from it by thousands of words about the same. */
  private words: (readonly string[])[] = [];

  get size(): number {
    return this.byMember.size + this.words.length;
  }

  hear(words: readonly string[]): void {
    this.words.push(words);
  }

  add({ membershipId, origin, upTo, changes }: Announcement): void {
    const known = this.byMember.get(membershipId) ?? { origin, upTo, changes: 0 };
    this.byMember.set(membershipId, { membershipId, origin: known.origin === origin ? origin : '', upTo: Math.max(known.upTo, upTo), changes: known.changes + changes });
  }

  /** To be read, whatever was told of it. */
  addUnknown(membershipId: number): void {
    this.add({ membershipId, origin: '', upTo: Infinity, changes: 0 });
  }

  /** All that matter, and none of them again. */
  take(matters: (announcement: Announcement) => boolean): ReadonlyMap<number, Announcement> {
    for (const word of this.words.flat()) {
      const announcement = announcementOf(word);
      if (matters(announcement)) this.add(announcement);
    }
    this.words = [];
    const all = this.byMember;
    this.byMember = new Map();
    return all;
  }
}

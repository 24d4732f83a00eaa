/** On which inboxes that hold sockets are told. */
export const INBOXES = 'kiket_inboxes';

/** That something has changed in a member's inbox; what it is, says the inbox itself. */
export interface Announcement {
  readonly membershipId: number;
  /** Which socket of the member's brought it about and knows it; empty where none did. */
  readonly origin: string;
  /** Whoever was told up to this offset has missed nothing; infinite where the announcement cannot say. */
  readonly upTo: number;
}

export function newsWord(membershipId: number, upTo: number): string {
  return `n:${membershipId}:${upTo}`;
}

export function unreadCountWord(membershipId: number, origin: string): string {
  return `u:${membershipId}:${origin}`;
}

/** What a word says; one of another release, less. */
export function announcementOf(word: string): Announcement {
  const [kind, member, detail = ''] = word.split(':');
  const membershipId = Number(member);
  if (kind === 'u') return { membershipId, origin: detail, upTo: Infinity };
  return { membershipId, origin: '', upTo: /^\d+$/.test(detail) ? Number(detail) : Infinity };
}

/** What was announced and not read yet: one of each member. */
export class Announcements {
  private byMember = new Map<number, Announcement>();

  get size(): number {
    return this.byMember.size;
  }

  add({ membershipId, origin, upTo }: Announcement): void {
    const known = this.byMember.get(membershipId) ?? { origin, upTo };
    this.byMember.set(membershipId, { membershipId, origin: known.origin === origin ? origin : '', upTo: Math.max(known.upTo, upTo) });
  }

  /** To be read, whatever was told of it. */
  addUnknown(membershipId: number): void {
    this.add({ membershipId, origin: '', upTo: Infinity });
  }

  takeAll(): ReadonlyMap<number, Announcement> {
    const all = this.byMember;
    this.byMember = new Map();
    return all;
  }
}

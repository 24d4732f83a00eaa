import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Draft } from './domain/notification.js';
import { Inbox } from './inbox.service.js';
import { Preferences, type Ways } from './preferences.service.js';
import type { Streamed } from './storage/inbox.repository.js';
import { NotificationMailRepository } from './storage/mail.repository.js';

/** Tells members something by the ways that each of them wants, in the transaction under way. */
@Injectable()
export class Notifier {
  constructor(
    private readonly database: Database,
    private readonly inbox: Inbox,
    private readonly preferences: Preferences,
    private readonly mails: NotificationMailRepository,
  ) {}

  /** What went into inboxes, each member's in the order of the drafts; whoever wants none of a type there gets none. */
  async tell(organizationId: number, drafts: readonly Draft[]): Promise<Streamed[]> {
    const wanted = new Map<string, ReadonlyMap<number, Ways>>();
    for (const type of new Set(drafts.map((draft) => draft.type))) {
      const members = drafts.filter((draft) => draft.type === type).map(({ membershipId }) => membershipId);
      wanted.set(type, await this.preferences.about(type, [...new Set(members)]));
    }
    const wantedBy = (way: keyof Ways) => drafts.filter(({ type, membershipId }) => wanted.get(type)?.get(membershipId)?.[way] === true);
    const byMail = wantedBy('email');
    if (byMail.length > 0) await this.mails.add(organizationId, byMail, await this.database.time());
    return this.inbox.deliver(organizationId, wantedBy('inApp'));
  }
}

import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import type { Draft } from './domain/notification.js';
import { Inbox } from './inbox.service.js';
import { Preferences } from './preferences.service.js';
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
    private readonly clock: Clock,
  ) {}

  /** What went into inboxes; whoever wants none of a type there gets none. */
  async tell(organizationId: number, drafts: readonly Draft[]): Promise<Streamed[]> {
    const [inApp, byMail]: [Draft[], Draft[]] = [[], []];
    for (const type of new Set(drafts.map((draft) => draft.type))) {
      const ofType = drafts.filter((draft) => draft.type === type);
      const wanted = await this.preferences.about(type, ofType.map(({ membershipId }) => membershipId));
      inApp.push(...ofType.filter(({ membershipId }) => wanted.get(membershipId)?.inApp === true));
      byMail.push(...ofType.filter(({ membershipId }) => wanted.get(membershipId)?.email === true));
    }
    if (byMail.length > 0) await this.mails.add(organizationId, byMail, this.clock.at(await this.database.time()));
    return this.inbox.deliver(organizationId, inApp);
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { DomainError, type Principal } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Signals } from '#signals';
import { INBOXES, newsWord, unreadCountWord } from './announcement.js';
import type { Draft, Notification } from './domain/notification.js';
import { InboxRepository, type News, type Streamed } from './storage/inbox.repository.js';

/** A member's notifications. Every change tells the instances that hold the member's sockets, with the change itself or not at all. */
@Injectable()
export class Inbox {
  private follower: (news: readonly News[]) => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly inboxes: InboxRepository,
    private readonly signals: Signals,
  ) {}

  /** Whoever holds sockets here is given what was delivered here as soon as it has committed, and need not read it. */
  follow(follower: (news: readonly News[]) => void): void {
    this.follower = follower;
  }

  async list(reader: Principal, unreadOnly: boolean, page: PageRequest): Promise<PageOf<Notification>> {
    return this.inboxes.list(ownerOf(reader), unreadOnly, page);
  }

  async unreadCount(reader: Principal): Promise<number> {
    return (await this.inboxes.state(ownerOf(reader)))?.unreadCount ?? 0;
  }

  /** A second time changes nothing. @throws not_found */
  async markRead(reader: Principal, id: number): Promise<Notification> {
    const read = await this.markReadIn(ownerOf(reader), id, '');
    if (read === null) throw new DomainError('not_found');
    return read;
  }

  /** The same by a socket of the member's, which need not be told itself; null where it is not there. */
  async markReadIn(membershipId: number, id: number, origin: string): Promise<Notification | null> {
    return this.database.transaction(async () => {
      const marked = await this.inboxes.markRead(membershipId, id, await this.database.time());
      if (marked?.changed === true) await this.signals.announce(INBOXES, [unreadCountWord(membershipId, origin)]);
      return marked?.notification ?? null;
    });
  }

  async markAllRead(reader: Principal): Promise<void> {
    const membershipId = ownerOf(reader);
    await this.database.transaction(async () => {
      const read = await this.inboxes.markAllRead(membershipId, await this.database.time());
      if (read > 0) await this.signals.announce(INBOXES, [unreadCountWord(membershipId, '')]);
    });
  }

  /** In the transaction under way, to members of one organization, in the order of the drafts. */
  async deliver(organizationId: number, drafts: readonly Draft[]): Promise<Streamed[]> {
    if (drafts.length === 0) return [];
    const news = await this.inboxes.deliver(organizationId, drafts, await this.database.time());
    await this.signals.announce(INBOXES, news.map(({ state }) => newsWord(state.membershipId, state.lastOffset)));
    this.database.afterCommit(() => this.follower(news));
    return news.map(({ notification }) => notification);
  }
}

/** Whose inbox it is: a person's own, and through a workspace token its owner's. @throws forbidden for machines */
function ownerOf({ membershipId }: Principal): number {
  if (membershipId === null) throw new DomainError('forbidden');
  return membershipId;
}

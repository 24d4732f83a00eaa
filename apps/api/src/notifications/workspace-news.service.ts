import { Injectable } from '@nestjs/common';
import { Feed, type FeedEntry, type FeedReader } from '#audit';
import { DomainError, type Locale } from '#domain';
import { type SentenceKey, type SentenceParams, Translator } from '#locale';
import { Comments, Issues, Members, Users, writtenKey } from '../workspace/index.js';
import type { Draft, OwnType } from './domain/notification.js';
import { Notifier } from './notifier.service.js';

const LONGEST_EXCERPT = 140;

type Details = Awaited<ReturnType<Issues['get']>>;

/** What is told of one happening, and to whom. */
interface News {
  readonly type: OwnType;
  readonly userIds: readonly (number | null)[];
  readonly title: (say: Say) => string;
  readonly message: (say: Say, locale: Locale) => string;
}

type Say = (key: SentenceKey, params?: SentenceParams) => string;

/** Makes notifications of what happens in workspaces, each in its reader's language; whoever does something is not told of it. */
@Injectable()
export class WorkspaceNews implements FeedReader {
  readonly name = 'notifications';

  constructor(
    feed: Feed,
    private readonly notifier: Notifier,
    private readonly issues: Issues,
    private readonly comments: Comments,
    private readonly members: Members,
    private readonly users: Users,
    private readonly translator: Translator,
  ) {
    feed.register(this);
  }

  /**
   * In the transaction that moves our place in the feed: each entry is told once. All of an organization's together: whoever
   * delivers takes inboxes in one order, so that no two wait for each other.
   */
  async read(entries: readonly FeedEntry[]): Promise<void> {
    const drafts = new Map<number, Draft[]>();
    for (const entry of entries) {
      const { organization_id: id } = entry;
      if (id === null || entry.target_type !== 'issue') continue;
      const told = drafts.get(id) ?? [];
      told.push(...(await this.draftsOf(id, entry)));
      drafts.set(id, told);
    }
    for (const [organizationId, told] of drafts) await this.notifier.tell(organizationId, told);
  }

  private async draftsOf(organizationId: number, entry: FeedEntry): Promise<Draft[]> {
    const details = await this.issueOf(organizationId, Number(entry.target_id));
    const facts = entry.metadata as Readonly<Record<string, unknown>>;
    const news = details === null ? null : await this.newsOf(entry.action, facts, details);
    if (news === null || details === null) return [];
    const userIds = news.userIds.filter((id): id is number => id !== null && id !== facts['by_user_id']);
    return (await this.members.reachable(organizationId, [...new Set(userIds)])).map(({ membershipId, locale }) => {
      const say: Say = (key, params) => this.translator.sentence(locale, key, params);
      return { membershipId, type: news.type, title: news.title(say), message: news.message(say, locale), url: `/issues/${details.issue.id}` };
    });
  }

  /** Null for what nobody needs to be told of. */
  private async newsOf(action: string, facts: Readonly<Record<string, unknown>>, { issue: subject, projectKey }: Details): Promise<News | null> {
    const key = writtenKey(projectKey, subject.number);
    const issue = key === null ? `“${subject.title}”` : `${key} “${subject.title}”`;
    const name = async () => (await this.users.byId(Number(facts['by_user_id'])))?.name ?? '';
    switch (action) {
      case 'issue.assigned': {
        const params = { name: await name(), issue };
        return { type: 'assignment', userIds: [Number(facts['assignee_id'])], title: (say) => say('notifications.assignment.title'), message: (say) => say('notifications.assignment.message', params) };
      }
      case 'issue.transitioned': {
        const params = { name: await name(), issue };
        const state = (say: Say, of: unknown) => say(`workspace.states.${String(of)}` as SentenceKey);
        return {
          type: 'workflow_transition',
          userIds: [subject.assigneeId, subject.createdById],
          title: (say) => say('notifications.transition.title', { issue: key ?? issue }),
          message: (say) => say('notifications.transition.message', { ...params, from: state(say, facts['from']), to: state(say, facts['to']) }),
        };
      }
      case 'comment.added': {
        const excerpt = await this.excerptOf(subject.organizationId, subject.id, Number(facts['comment_id']));
        if (excerpt === null) return null;
        const params = { name: await name(), issue: key ?? issue, excerpt };
        const authors = await this.comments.authors(subject.organizationId, subject.id);
        return { type: 'new_comment', userIds: [subject.assigneeId, subject.createdById, ...authors], title: (say) => say('notifications.comment.title'), message: (say) => say('notifications.comment.message', params) };
      }
      case 'issue.due_soon': {
        const due = new Date(String(facts['due_at']));
        return {
          type: 'sla_warning',
          userIds: [subject.assigneeId ?? subject.createdById],
          title: (say) => say('notifications.sla_warning.title'),
          message: (say, locale) => say('notifications.sla_warning.message', { issue, due: inWords(due, locale) }),
        };
      }
      default:
        return null;
    }
  }

  private async issueOf(organizationId: number, id: number): Promise<Details | null> {
    return unlessGone(this.issues.get({ organizationId, projectId: null }, id));
  }

  private async excerptOf(organizationId: number, issueId: number, commentId: number): Promise<string | null> {
    const details = await unlessGone(this.comments.get({ organizationId, projectId: null }, issueId, commentId));
    if (details === null) return null;
    const symbols = [...details.comment.body.replace(/\s+/gu, ' ').trim()];
    return symbols.length > LONGEST_EXCERPT ? `${symbols.slice(0, LONGEST_EXCERPT - 1).join('')}…` : symbols.join('');
  }
}

/** What was deleted since is no news. */
async function unlessGone<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') return null;
    throw error;
  }
}

/** In UTC, since nobody told us where the reader is. */
function inWords(moment: Date, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(moment);
}

import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, type Principal, type Realm, Scopes } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Comment, type CommentDetails } from './domain/comment.js';
import type { Issue } from './domain/issue.js';
import type { IssueRef } from './domain/issue-key.js';
import { present } from './domain/present.js';
import { Happenings } from './happenings.service.js';
import { CommentRepository } from './storage/comment.repository.js';
import { IssueRepository } from './storage/issue.repository.js';

type Caller = Pick<Principal, 'realm' | 'userId' | 'reach' | 'actor'>;

const ADMINISTRATION = Scopes.of('admin');

/** What is said under an issue, which is named by its id or its key. */
@Injectable()
export class Comments {
  constructor(
    private readonly database: Database,
    private readonly comments: CommentRepository,
    private readonly issues: IssueRepository,
    private readonly happenings: Happenings,
    private readonly clock: Clock,
  ) {}

  /** @throws not_found for the issue */
  async list(realm: Realm, issueRef: IssueRef, page: PageRequest): Promise<PageOf<CommentDetails>> {
    return this.comments.list(present(await this.issues.locate(realm, issueRef)), page);
  }

  /** @throws not_found */
  async get(realm: Realm, issueRef: IssueRef, id: number): Promise<CommentDetails> {
    return present(await this.comments.find(present(await this.issues.locate(realm, issueRef)), id));
  }

  /** The one place where a comment is added. @throws not_found for the issue */
  async add(caller: Caller, issueRef: IssueRef, body: string): Promise<CommentDetails> {
    const { realm, userId } = caller;
    return this.database.transaction(async () => {
      const issue = present(await this.issues.hold(realm, issueRef));
      const comment = Comment.write({ organizationId: issue.organizationId, issueId: issue.id, authorId: userId, body }, this.clock.now());
      await this.comments.add(comment);
      await this.happenings.commented(caller, issue, comment.id);
      return present(await this.comments.find(issue, comment.id));
    });
  }

  /** Whoever has said something under it, by their ids. */
  async authors(organizationId: number, issueId: number): Promise<number[]> {
    return this.comments.authorIds(organizationId, issueId);
  }

  /** Without a body it stays as it is. @throws not_found, forbidden for anybody but its author and admins */
  async edit(caller: Caller, issueRef: IssueRef, id: number, body: string | undefined): Promise<CommentDetails> {
    return this.database.transaction(async () => {
      const { issue, comment } = await this.inTheHandsOf(caller, issueRef, id);
      if (body !== undefined) {
        comment.edit(body, this.clock.now());
        await this.comments.save(comment);
      }
      return present(await this.comments.find(issue, id));
    });
  }

  /** @throws not_found, forbidden for anybody but its author and admins */
  async remove(caller: Caller, issueRef: IssueRef, id: number): Promise<void> {
    await this.database.transaction(async () => {
      const { comment } = await this.inTheHandsOf(caller, issueRef, id);
      await this.comments.remove(comment);
    });
  }

  private async inTheHandsOf({ realm, userId, reach }: Caller, issueRef: IssueRef, id: number): Promise<{ issue: Issue; comment: Comment }> {
    const issue = present(await this.issues.hold(realm, issueRef));
    const comment = present(await this.comments.lock(issue, id));
    if (!comment.isInTheHandsOf(userId, reach.covers(ADMINISTRATION))) throw new DomainError('forbidden');
    return { issue, comment };
  }
}

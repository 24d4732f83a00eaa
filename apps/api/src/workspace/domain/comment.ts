import type { Colleague } from './issue-details.js';

/** What somebody says under an issue. */
export class Comment {
  readonly id!: number;
  readonly organizationId!: number;
  readonly issueId!: number;
  readonly authorId!: number;
  body!: string;
  readonly createdAt!: Date;
  updatedAt!: Date;

  static write(facts: Pick<Comment, 'organizationId' | 'issueId' | 'authorId' | 'body'>, now: Date): Comment {
    return Object.assign(new Comment(), { ...facts, createdAt: now, updatedAt: now });
  }

  edit(body: string, now: Date): void {
    this.body = body;
    this.updatedAt = now;
  }

  /** Its author may change and delete it; whoever administers may, too. */
  isInTheHandsOf(userId: number, administers: boolean): boolean {
    return administers || this.authorId === userId;
  }
}

export interface CommentDetails {
  readonly comment: Comment;
  readonly author: Colleague;
}

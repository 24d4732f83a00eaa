import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { Database, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { Comment, CommentDetails } from '../domain/comment.js';
import type { Issue } from '../domain/issue.js';
import { User } from '../domain/user.js';
import { CommentSchema } from './comment.schema.js';

const SORTED_BY: Readonly<Record<string, keyof Comment>> = { created_at: 'createdAt', updated_at: 'updatedAt' };

/** The author, beside the comment in one row. */
interface Beside {
  readonly author_id: number;
  readonly author_name: string;
  readonly author_email: string;
}

/** Whoever looks for one says under which issue: under another it is not found. */
@Injectable()
export class CommentRepository extends TenantRepository<Comment> {
  constructor(database: Database) {
    super(database, CommentSchema);
  }

  /** Oldest first, unless asked otherwise. */
  async list(issue: Issue, { page, perPage, sort }: PageRequest): Promise<PageOf<CommentDetails>> {
    const found = this.under(issue);
    const direction = sort?.descending === true ? 'DESC' : 'ASC';
    const property = sort === null ? undefined : SORTED_BY[sort.by];
    if (property !== undefined) found.orderBy(`comment.${property}`, direction);
    found.addOrderBy('comment.id', direction);
    return { rows: await detailsOf(found.clone().offset((page - 1) * perPage).limit(perPage)), total: await found.getCount() };
  }

  async find(issue: Issue, id: number): Promise<CommentDetails | null> {
    const [details] = await detailsOf(this.under(issue).andWhere('comment.id = :id', { id }));
    return details ?? null;
  }

  /** The row, locked until the transaction ends. */
  async lock({ organizationId, id: issueId }: Issue, id: number): Promise<Comment | null> {
    return this.rows.findOne({ where: { organizationId, issueId, id }, lock: { mode: 'pessimistic_write' } });
  }

  async authorIds(organizationId: number, issueId: number): Promise<number[]> {
    const rows = await this.database.query<{ author_id: number }>('SELECT DISTINCT author_id FROM comments WHERE organization_id = $1 AND issue_id = $2', [organizationId, issueId]);
    return rows.map(({ author_id: id }) => id);
  }

  /** The row must be locked. */
  async save({ id, organizationId, body, updatedAt }: Comment): Promise<void> {
    await this.rows.update({ id, organizationId }, { body, updatedAt });
  }

  async remove({ id, organizationId }: Comment): Promise<void> {
    await this.rows.delete({ id, organizationId });
  }

  private under({ organizationId, id: issueId }: Issue): SelectQueryBuilder<Comment> {
    return this.rows.createQueryBuilder('comment').where({ organizationId, issueId });
  }
}

/** In one statement for all of them, whoever wrote them. */
async function detailsOf(comments: SelectQueryBuilder<Comment>): Promise<CommentDetails[]> {
  const { entities, raw } = await comments
    .innerJoin(User, 'author', 'author.id = comment.authorId')
    .addSelect('author.id', 'author_id')
    .addSelect('author.name', 'author_name')
    .addSelect('author.email', 'author_email')
    .getRawAndEntities<Beside>();
  return entities.map((comment, index) => detailed(comment, raw[index]));
}

function detailed(comment: Comment, beside: Beside | undefined): CommentDetails {
  if (beside === undefined) throw new Error(`comment ${comment.id} was read without its author`);
  return { comment, author: { id: beside.author_id, name: beside.author_name, email: beside.author_email } };
}

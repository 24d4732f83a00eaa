import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Comment } from '../domain/comment.js';

export const CommentSchema = new EntitySchema<Comment>({
  name: 'Comment',
  tableName: 'comments',
  target: Comment,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    issueId: reference('issue_id'),
    authorId: reference('author_id'),
    body: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

import type { CommentDetails } from '../domain/comment.js';

export function commentView({ comment, author }: CommentDetails) {
  return { id: comment.id, body: comment.body, author, created_at: comment.createdAt, updated_at: comment.updatedAt };
}

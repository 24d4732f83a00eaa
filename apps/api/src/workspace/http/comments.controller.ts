import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Body, Page, type PageRequest, RowId, listed } from '#request';
import { Comments } from '../comments.service.js';
import type { IssueRef as Ref } from '../domain/issue-key.js';
import { commentView } from './comment.view.js';
import { AddCommentBody, EditCommentBody } from './comments.dto.js';
import { mounts } from './mounts.js';
import { IssueRef } from './refs.js';

@ApiTags('Workspace')
@Controller(mounts('issues/:id/comments'))
export class CommentsController {
  constructor(private readonly comments: Comments) {}

  @Get()
  @ApiOperation({ summary: 'Lists the comments of an issue, oldest first' })
  @Requires('comments:read')
  async list(@IssueRef() issue: Ref, @Page(['created_at', 'updated_at']) page: PageRequest, @CurrentPrincipal() { realm }: Principal) {
    const { rows, total } = await this.comments.list(realm, issue, page);
    return listed({ rows: rows.map(commentView), total }, page, 'comments');
  }

  @Post()
  @ApiOperation({ summary: 'Comments on an issue' })
  @Requires('comments:write')
  async add(@IssueRef() issue: Ref, @Body('comment') { body }: AddCommentBody, @CurrentPrincipal() principal: Principal) {
    return commentView(await this.comments.add(principal, issue, body));
  }

  @Get(':comment_id')
  @ApiOperation({ summary: 'Shows a comment' })
  @Requires('comments:read')
  async show(@IssueRef() issue: Ref, @RowId('comment_id') id: number, @CurrentPrincipal() { realm }: Principal) {
    return commentView(await this.comments.get(realm, issue, id));
  }

  @Patch(':comment_id')
  @ApiOperation({ summary: 'Edits a comment: its author, or an admin' })
  @Requires('comments:write')
  async edit(@IssueRef() issue: Ref, @RowId('comment_id') id: number, @Body('comment') { body }: EditCommentBody, @CurrentPrincipal() principal: Principal) {
    return commentView(await this.comments.edit(principal, issue, id, body));
  }

  @Delete(':comment_id')
  @ApiOperation({ summary: 'Deletes a comment: its author, or an admin' })
  @HttpCode(204)
  @Requires('comments:write')
  async remove(@IssueRef() issue: Ref, @RowId('comment_id') id: number, @CurrentPrincipal() principal: Principal): Promise<void> {
    await this.comments.remove(principal, issue, id);
  }
}

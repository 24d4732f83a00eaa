import { Controller, Get, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import { invalid, type Principal } from '#domain';
import { Body, listed, Page, type PageRequest, RowId } from '#request';
import type { Notification } from '../domain/notification.js';
import { Inbox } from '../inbox.service.js';
import { Sending } from '../sending.service.js';
import { SendBody } from './notifications.dto.js';

/** A person's inbox is theirs whatever the plan says; a token opens its owner's where it has the scope. Machines have none. */
const OWN = { kinds: ['user', 'workspace_token'], unscopedFor: ['user'] } as const;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

@ApiTags('Notifications')
/** Extensions' clients know it under another address too. */
@Controller(['api/v1/notifications', 'api/v1/ext/notifications'])
export class NotificationsController {
  constructor(
    private readonly inbox: Inbox,
    private readonly sending: Sending,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists the notifications of one’s own inbox, newest first' })
  @ApiQuery({ name: 'unread', required: false, enum: ['true', 'false'] })
  @Requires('notifications:read', OWN)
  async list(@CurrentPrincipal() reader: Principal, @Query('unread') unread: string | undefined, @Page() page: PageRequest) {
    if (unread !== undefined && unread !== 'true' && unread !== 'false') throw invalid({ field: 'unread', code: 'not_in_list' });
    const { rows, total } = await this.inbox.list(reader, unread === 'true', page);
    return listed({ rows: rows.map(notificationView), total }, page);
  }

  @Get('unread_count')
  @ApiOperation({ summary: 'How many are unread' })
  @Requires('notifications:read', OWN)
  async unreadCount(@CurrentPrincipal() reader: Principal) {
    return { unread_count: await this.inbox.unreadCount(reader) };
  }

  @Post()
  @ApiOperation({ summary: 'Sends a notification to members' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Sent again under the same key within 24 hours, it is answered again and done once.' })
  @Requires('notifications:write')
  async send(@CurrentPrincipal() sender: Principal, @Headers('idempotency-key') key: string | undefined, @Body('notification') body: SendBody) {
    if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) throw invalid({ field: 'Idempotency-Key', code: 'invalid' });
    return { notifications: await this.sending.send(sender, body.toDomain(), key) };
  }

  @Post('read_all')
  @ApiOperation({ summary: 'Marks all as read' })
  @HttpCode(200)
  @Requires('notifications:write', OWN)
  async markAllRead(@CurrentPrincipal() reader: Principal) {
    await this.inbox.markAllRead(reader);
    return { unread_count: await this.inbox.unreadCount(reader) };
  }

  @Post(':id/read')
  @ApiOperation({ summary: 'Marks one as read' })
  @HttpCode(200)
  @Requires('notifications:write', OWN)
  async markRead(@CurrentPrincipal() reader: Principal, @RowId() id: number) {
    return notificationView(await this.inbox.markRead(reader, id));
  }
}

function notificationView({ id, type, title, message, url, readAt, createdAt }: Notification) {
  return { id, type, title, message, url, read_at: readAt, created_at: createdAt };
}

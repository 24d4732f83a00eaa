import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Checked, Line, Prose } from '#request';
import { NOTIFICATION_TYPE } from '../domain/notification.js';
import type { NewNotification } from '../sending.service.js';

const MOST_USERS = 1_000;

function TypeName(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, pattern: NOTIFICATION_TYPE.source, example: 'export_ready' }),
    Checked({}, (value) => (typeof value !== 'string' ? { code: 'not_a_string' } : NOTIFICATION_TYPE.test(value) ? null : { code: 'invalid' })),
  );
}

function UserIds(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: [Number], example: [7] }),
    Checked({}, (value) => {
      if (!Array.isArray(value)) return { code: 'not_a_list' };
      if (value.length === 0) return { code: 'blank' };
      if (value.length > MOST_USERS) return { code: 'too_many', params: { most: MOST_USERS } };
      return value.every((id) => Number.isSafeInteger(id) && (id as number) > 0) ? null : { code: 'not_a_number' };
    }),
  );
}

export class SendBody {
  @UserIds() user_ids!: number[];
  @TypeName() type!: string;
  @Line({ max: 200, example: 'Export ready' }) title!: string;
  @Prose({ max: 2_000, example: 'Your export of 120 issues is ready.' }) message!: string;
  @Line({ max: 2_000, optional: true, nullable: true, example: '/exports/12' }) url?: string | null;

  toDomain(): NewNotification {
    return { userIds: [...new Set(this.user_ids)], type: this.type, title: this.title, message: this.message, url: this.url ?? null };
  }
}

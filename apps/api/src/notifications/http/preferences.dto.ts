import { ApiProperty } from '@nestjs/swagger';
import { type Check, Checked } from '#request';
import { NOTIFICATION_TYPE } from '../domain/notification.js';
import type { PreferenceChange } from '../preferences.service.js';

const MOST_TYPES = 100;

interface SentPreference {
  readonly type: string;
  readonly in_app?: boolean;
  readonly email?: boolean;
}

const check = (value: unknown): ReturnType<Check> => {
  if (!Array.isArray(value)) return { code: 'not_a_list' };
  if (value.length > MOST_TYPES) return { code: 'too_many', params: { most: MOST_TYPES } };
  return value.every(isPreference) ? null : { code: 'invalid' };
};

function isPreference(value: unknown): value is SentPreference {
  if (typeof value !== 'object' || value === null) return false;
  const { type, in_app: inApp, email } = value as Partial<Record<keyof SentPreference, unknown>>;
  return typeof type === 'string' && NOTIFICATION_TYPE.test(type) && [inApp, email].every((channel) => channel === undefined || typeof channel === 'boolean');
}

export class PreferencesBody {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, in_app: { type: 'boolean' }, email: { type: 'boolean' } } },
    example: [{ type: 'new_comment', email: true }],
  })
  @Checked({}, check)
  preferences!: SentPreference[];

  toDomain(): PreferenceChange[] {
    return this.preferences.map(({ type, in_app: inApp, email }) => ({ type, ...(inApp !== undefined && { inApp }), ...(email !== undefined && { email }) }));
  }
}

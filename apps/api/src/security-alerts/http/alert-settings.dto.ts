import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { type Check, Checked } from '#request';
import { canonicalEmail } from '../../workspace/index.js';
import type { SettingsChange } from '../alert-settings.service.js';

const MOST_EMAILS = 20;
const LONGEST_ADDRESS = 500;

/** Addresses of one mailbox each. */
function Emails(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: [String], required: false, maxItems: MOST_EMAILS, example: ['security@acme.cz'] }),
    Transform(({ value }: TransformFnParams): unknown => (Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'string' ? one.trim() : one)) : (value as unknown))),
    Checked({ optional: true }, (value): ReturnType<Check> => {
      if (!Array.isArray(value)) return { code: 'not_a_list' };
      if (value.length > MOST_EMAILS) return { code: 'too_many', params: { most: MOST_EMAILS } };
      return value.every((one) => typeof one === 'string' && canonicalEmail(one) !== null) ? null : { code: 'invalid' };
    }),
  );
}

/** Judged further where it is known what stands there already. */
function SlackAddress(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: false, nullable: true, example: 'https://hooks.slack.com/services/T000/B000/XXXX' }),
    Transform(({ value }: TransformFnParams): unknown => (value === '' ? null : (value as unknown))),
    Checked({ optional: true, nullable: true }, (value) => {
      if (typeof value !== 'string') return { code: 'not_a_string' };
      return value.length > LONGEST_ADDRESS ? { code: 'too_long', params: { max: LONGEST_ADDRESS } } : null;
    }),
  );
}

export class AlertSettingsBody {
  @Emails() emails?: string[];
  @SlackAddress() slack_webhook_url?: string | null;

  toDomain(): SettingsChange {
    return { emails: this.emails === undefined ? undefined : mailboxes(this.emails), slackWebhookUrl: this.slack_webhook_url };
  }
}

/** Each mailbox once, as it was written first. */
function mailboxes(emails: readonly string[]): string[] {
  const known = new Map<string | null, string>();
  for (const email of emails) if (!known.has(canonicalEmail(email))) known.set(canonicalEmail(email), email);
  return [...known.values()];
}

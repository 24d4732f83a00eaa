import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { Checked, Verbatim } from '#request';
import { canonicalEmail } from '../../workspace/index.js';

/** The longest text that is read as a password at all; the policy's own limit, 128 characters, is judged later. */
const LONGEST_PASSWORD = 1_024;
const LONGEST_TOKEN = 4_096;

/** An address of exactly one mailbox, trimmed. */
export function Email(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'email', maxLength: 254, example: 'jan@acme.cz' }),
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim() : value)),
    Checked({}, (value) => {
      if (typeof value !== 'string') return { code: 'not_a_string' };
      if (value === '') return { code: 'blank' };
      return value.length > 254 || canonicalEmail(value) === null ? { code: 'invalid' } : null;
    }),
  );
}

export function Password({ optional = false } = {}): PropertyDecorator {
  return Verbatim({ max: LONGEST_PASSWORD, optional, example: 'SecurePass123!' });
}

export function Token({ optional = false } = {}): PropertyDecorator {
  return Verbatim({ max: LONGEST_TOKEN, optional });
}

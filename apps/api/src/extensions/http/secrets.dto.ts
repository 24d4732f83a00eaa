import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Checked } from '#request';
import { SECRET_KEY } from '../domain/manifest.js';

const MOST_BYTES = 16 * 1024;

/** A value, taken as it is: 1 byte to 16 KB in UTF-8. */
function SecretValue(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, minLength: 1 }),
    Checked({}, (value) => {
      if (typeof value !== 'string') return { code: 'not_a_string' };
      if (value === '') return { code: 'blank' };
      return Buffer.byteLength(value, 'utf8') > MOST_BYTES ? { code: 'too_many_bytes', params: { most: MOST_BYTES } } : null;
    }),
  );
}

export class SecretValueBody {
  @SecretValue() value!: string;
}

export class CreateSecretBody {
  @ApiProperty({ type: String, pattern: SECRET_KEY.source, example: 'WEBHOOK_SECRET' })
  @Checked({}, (value) => (typeof value !== 'string' ? { code: 'not_a_string' } : SECRET_KEY.test(value) ? null : { code: 'invalid' }))
  key!: string;

  @SecretValue() value!: string;
}

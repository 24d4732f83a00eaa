import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { Checked, Line } from '#request';

const LONGEST_KEY = 50;
const LONGEST_URL = 500;

/** May be left out, and be null, which clears it. */
const OPEN = { optional: true, nullable: true } as const;

/** What the keys of a project's issues begin with: `CORE`, as in `CORE-42`. */
export function ProjectKey(): PropertyDecorator {
  return applyDecorators(
    Line({ max: LONGEST_KEY, example: 'CORE', ...OPEN }),
    Checked(OPEN, (value) => (/^[A-Z][A-Z0-9]*$/.test(value as string) ? null : { code: 'invalid' })),
  );
}

/** An address on the web; a link to anything else could be a script. */
export function WebAddress(): PropertyDecorator {
  return applyDecorators(
    Line({ max: LONGEST_URL, example: 'https://github.com/acme/core', ...OPEN }),
    Checked(OPEN, (value) => (isWebAddress(value as string) ? null : { code: 'invalid' })),
  );
}

/** Settings of the client's own making, kept as they are; null empties them. */
export function Settings(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Object, additionalProperties: true, required: false, nullable: true, example: {} }),
    Transform(({ obj, key }: TransformFnParams): unknown => (obj as Record<string, unknown>)[key] ?? {}),
    Checked({ optional: true }, (value) => (typeof value === 'object' && !Array.isArray(value) ? null : { code: 'invalid' })),
  );
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);
}

import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { registerDecorator, type ValidationArguments } from 'class-validator';
import type { FieldFault } from '#domain';

/** What is wrong with a value, or null. */
export type Check = (value: unknown) => Omit<FieldFault, 'field'> | null;

interface TextOptions {
  /** In characters. */
  readonly max: number;
  readonly optional?: boolean;
  readonly example?: string;
}

/** A line of text, trimmed: 1 to `max` characters, no control characters (they would break mail headers and logs). */
export function Line({ max, optional = false, example }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: !optional, minLength: 1, maxLength: max, example }),
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim() : value)),
    Checked(optional, (value) => text(value, max) ?? (/\p{Cc}/u.test(value as string) ? { code: 'invalid' } : null)),
  );
}

/** Text taken as it is, never trimmed: passwords and tokens. */
export function Verbatim({ max, optional = false, example }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: !optional, example }),
    Checked(optional, (value) => text(value, max)),
  );
}

/** One of a fixed list of names. */
export function OneOf(names: readonly string[], { optional = false } = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ enum: [...names], required: !optional }),
    Checked(optional, (value) => (names.includes(value as string) ? null : { code: 'not_in_list' })),
  );
}

/** A row's id: a positive integer, as a number or (older clients) as its decimal digits. */
export function Id({ optional = false } = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Number, required: !optional, example: 7 }),
    Transform(({ value }: TransformFnParams): unknown =>
      typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value,
    ),
    Checked(optional, (value) => (Number.isSafeInteger(value) && (value as number) > 0 ? null : { code: 'not_a_number' })),
  );
}

/** Guards a property by a check of ours; its fault travels as JSON in class-validator's message. */
export function Checked(optional: boolean, check: Check): PropertyDecorator {
  const judge: Check = (value) => {
    if (value === undefined && optional) return null;
    return value === undefined || value === null ? { code: 'blank' } : check(value);
  };
  return (target, property) => {
    registerDecorator({
      name: 'checked',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value) => judge(value) === null,
        defaultMessage: (args?: ValidationArguments) => JSON.stringify(judge(args?.value)),
      },
    });
  };
}

function text(value: unknown, max: number): Omit<FieldFault, 'field'> | null {
  if (typeof value !== 'string') return { code: 'not_a_string' };
  if (value === '') return { code: 'blank' };
  return value.length > max ? { code: 'too_long', params: { max } } : null;
}

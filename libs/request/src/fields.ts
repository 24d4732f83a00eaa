import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { registerDecorator, type ValidationArguments } from 'class-validator';
import type { FieldFault } from '#domain';

/** What is wrong with a value, or null. */
export type Check = (value: unknown) => Omit<FieldFault, 'field'> | null;

interface Presence {
  /** May be left out. */
  readonly optional?: boolean;
  /** May be null, which clears it. */
  readonly nullable?: boolean;
}

interface TextOptions extends Presence {
  /** In characters. */
  readonly max: number;
  readonly example?: string;
}

/** A line of text, trimmed: 1 to `max` characters, no control characters (they would break mail headers and logs). */
export function Line({ max, example, ...presence }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, ...documented(presence), minLength: 1, maxLength: max, ...(example !== undefined && { example }) }),
    Transform(trimmed),
    Checked(presence, (value) => text(value, max) ?? (/\p{Cc}/u.test(value as string) ? { code: 'invalid' } : null)),
  );
}

/** Text of any number of lines, kept as it is; an empty one is as good as none where it may be null. */
export function Prose({ max, example, ...presence }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, ...documented(presence), maxLength: max, ...(example !== undefined && { example }) }),
    Transform(({ value }: TransformFnParams): unknown => (value === '' && presence.nullable === true ? null : (value as unknown))),
    Checked(presence, (value) => text(value, max) ?? ((value as string).trim() === '' ? { code: 'blank' } : null)),
  );
}

/** Text taken as it is, never trimmed: passwords and tokens. */
export function Verbatim({ max, example, ...presence }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, ...documented(presence), ...(example !== undefined && { example }) }),
    Checked(presence, (value) => text(value, max)),
  );
}

/** One of a fixed list of names. */
export function OneOf(names: readonly string[], presence: Presence = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ enum: [...names], ...documented(presence) }),
    Checked(presence, (value) => (names.includes(value as string) ? null : { code: 'not_in_list' })),
  );
}

/** A row's id: a positive integer, as a number or (older clients) as its decimal digits. */
export function Id(presence: Presence = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Number, ...documented(presence), example: 7 }),
    Transform(({ value }: TransformFnParams): unknown =>
      typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value,
    ),
    Checked(presence, (value) => (Number.isSafeInteger(value) && (value as number) > 0 ? null : { code: 'not_a_number' })),
  );
}

/** A number of whole units, as a number or as its decimal digits. */
export function Count({ least = 0, most, example }: { least?: number; most: number; example?: number }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Number, required: false, minimum: least, maximum: most, ...(example !== undefined && { example }) }),
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)),
    Checked({ optional: true }, (value): ReturnType<Check> => {
      if (!Number.isSafeInteger(value) || (value as number) < 0) return { code: 'not_a_number' };
      if ((value as number) < least) return { code: 'too_small', params: { least } };
      return (value as number) > most ? { code: 'too_large', params: { most } } : null;
    }),
  );
}

export function Flag(presence: Presence = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Boolean, ...documented(presence) }),
    Checked(presence, (value) => (typeof value === 'boolean' ? null : { code: 'not_in_list' })),
  );
}

/** A day, `YYYY-MM-DD`. */
export function Day(presence: Presence = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'date', ...documented(presence), example: '2027-01-31' }),
    Checked(presence, (value) => (typeof value !== 'string' ? { code: 'not_a_string' } : isDay(value) ? null : { code: 'invalid' })),
  );
}

/** A moment in ISO 8601 with its offset, or a day, which begins at midnight UTC; the DTO's property is a Date. */
export function Moment(presence: Presence = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'date-time', ...documented(presence), example: '2027-01-31T23:59:00Z' }),
    Transform(({ value }: TransformFnParams): unknown => momentOf(value) ?? value),
    Checked(presence, (value) => (value instanceof Date ? null : { code: typeof value === 'string' ? 'invalid' : 'not_a_string' })),
  );
}

/** Guards a property by a check of ours; its fault travels as JSON in class-validator's message. */
export function Checked({ optional = false, nullable = false }: Presence, check: Check): PropertyDecorator {
  const judge: Check = (value) => {
    if ((value === undefined && optional) || (value === null && nullable)) return null;
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

function documented({ optional = false, nullable = false }: Presence) {
  return { required: !optional, ...(nullable && { nullable }) };
}

function trimmed({ value }: TransformFnParams): unknown {
  return typeof value === 'string' ? value.trim() : value;
}

function text(value: unknown, max: number): Omit<FieldFault, 'field'> | null {
  if (typeof value !== 'string') return { code: 'not_a_string' };
  if (value === '') return { code: 'blank' };
  // Counted as people count, and only where there may be too many.
  return value.length > max && [...value].length > max ? { code: 'too_long', params: { max } } : null;
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Undefined for what is no moment; the calendar's own faults included, such as the 31st of February. */
function momentOf(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const day = MOMENT.exec(value)?.[1] ?? value;
  if (!isDay(day)) return undefined;
  const moment = new Date(value);
  // An offset may carry a moment beyond the years that have four digits.
  return moment.getUTCFullYear() <= 9999 ? moment : undefined;
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value) && day.getUTCFullYear() >= 1000;
}

import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import type { FieldFault } from '#domain';
import { Checked, OneOf } from '#request';
import { ISSUE_TYPES } from '../domain/issue.js';
import { parseIssueKey } from '../domain/issue-key.js';

const MOST_LABELS = 50;
export const LONGEST_LABEL = 50;

const OPTIONAL = { optional: true } as const;
/** May be left out, and be null, which clears it. */
const OPEN = { optional: true, nullable: true } as const;

type Fault = Omit<FieldFault, 'field'> | null;

/** A project by its id, as a number or (older clients) as its decimal digits, or by its key. */
export function ProjectName(presence: { readonly optional?: boolean } = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }], required: false, example: 'CORE' }),
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value)),
    Checked(presence, (value) => (isId(value) || isProjectKey(value) ? null : { code: 'invalid' })),
  );
}

/** The key of an issue, `CORE-42`. */
export function KeyOfIssue(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: false, nullable: true, example: 'CORE-42' }),
    Checked(OPEN, (value) => {
      if (typeof value !== 'string') return { code: 'not_a_string' };
      return parseIssueKey(value) === null ? { code: 'invalid' } : null;
    }),
  );
}

/** One of the types of issues, in whichever case it is written. */
export function TypeOfIssue(): PropertyDecorator {
  return applyDecorators(Transform(({ value }: TransformFnParams): unknown => asTyped(value)), OneOf(ISSUE_TYPES, OPEN));
}

/** Labels, trimmed, each once; null takes them all off. */
export function Labels(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: [String], maxItems: MOST_LABELS, required: false, nullable: true, example: ['gdpr'] }),
    Transform(({ obj, key }: TransformFnParams): unknown => distinct((obj as Record<string, unknown>)[key])),
    Checked(OPTIONAL, labelsFault),
  );
}

/** Fields of the client's own making: a merge patch, as RFC 7396 has it. */
export function CustomFields(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Object, additionalProperties: true, required: false, example: { severity: 'minor' } }),
    // As it was sent: class-transformer would make something else of what stands inside.
    Transform(({ obj, key }: TransformFnParams): unknown => (obj as Record<string, unknown>)[key]),
    Checked(OPTIONAL, (value) => (typeof value === 'object' && !Array.isArray(value) ? null : { code: 'invalid' })),
  );
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isProjectKey(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z][A-Z0-9]*$/.test(value);
}

function asTyped(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return ISSUE_TYPES.find((type) => type.toLowerCase() === value.toLowerCase()) ?? value;
}

function distinct(value: unknown): unknown {
  if (value === null) return [];
  return Array.isArray(value) ? [...new Set(value.map((label: unknown) => (typeof label === 'string' ? label.trim() : label)))] : value;
}

function labelsFault(labels: unknown): Fault {
  if (!Array.isArray(labels)) return { code: 'not_a_list' };
  if (labels.length > MOST_LABELS) return { code: 'too_many', params: { most: MOST_LABELS } };
  return labels.map(labelFault).find((fault) => fault !== null) ?? null;
}

function labelFault(label: unknown): Fault {
  if (typeof label !== 'string') return { code: 'not_a_string' };
  if (label === '') return { code: 'blank' };
  if (label.length > LONGEST_LABEL) return { code: 'too_long', params: { max: LONGEST_LABEL } };
  return /\p{Cc}/u.test(label) ? { code: 'invalid' } : null;
}

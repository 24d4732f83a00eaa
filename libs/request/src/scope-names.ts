import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { DomainError, Grant, Scopes } from '#domain';
import { type Check, Checked } from './fields.js';

/** Far more than there are scopes. */
const MOST_NAMES = 64;

/** Names of scopes, as whoever hands out a credential writes them. */
export function ScopeNames({ least = 0 }: { least?: 0 | 1 } = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: [String], required: false, example: ['issues:read', 'projects'] }),
    Checked({ optional: true }, (value): ReturnType<Check> => {
      if (!Array.isArray(value)) return { code: 'not_a_list' };
      if (value.length < least) return { code: 'blank' };
      if (value.length > MOST_NAMES) return { code: 'too_many', params: { most: MOST_NAMES } };
      return value.every((name) => typeof name === 'string') ? null : { code: 'not_a_string' };
    }),
  );
}

/** Left out or empty they ask for everything. @throws unknown_scope naming the first name that is none */
export function grantOf(names: readonly string[]): Grant {
  if (names.length === 0) return Grant.full;
  const scopes = Scopes.parse(names);
  if (!('unknown' in scopes)) return Grant.of(scopes);
  throw new DomainError('unknown_scope', { faults: [{ field: 'scopes', code: 'unknown_scope', params: { scope: scopes.unknown.slice(0, 100) } }] });
}

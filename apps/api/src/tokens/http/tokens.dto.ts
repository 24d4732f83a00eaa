import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { DomainError, Grant, Scopes } from '#domain';
import { Checked, Line, Moment, OneOf } from '#request';
import { STATUSES, type TokenFilters, type TokenStatus } from '../domain/listed-token.js';
import type { NewToken } from '../domain/workspace-token.js';

/** Far more than there are scopes. */
const MOST_NAMES = 64;

/** Names of scopes; left out or empty they ask for full access. */
function ScopeNames(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: [String], required: false, example: ['issues:read', 'projects'] }),
    Checked({ optional: true }, (value) => {
      if (!Array.isArray(value)) return { code: 'not_a_list' };
      if (value.length > MOST_NAMES) return { code: 'too_many', params: { most: MOST_NAMES } };
      return value.every((name) => typeof name === 'string') ? null : { code: 'not_a_string' };
    }),
  );
}

/** A number of whole units, as a number or as its digits. */
function Count({ most }: { most: number }): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Number, required: false, minimum: 0, maximum: most }),
    Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)),
    Checked({ optional: true }, (value) => {
      if (!Number.isSafeInteger(value) || (value as number) < 0) return { code: 'not_a_number' };
      return (value as number) > most ? { code: 'too_large', params: { most } } : null;
    }),
  );
}

/** @throws unknown_scope naming the first name that is none */
function grantOf(names: readonly string[]): Grant {
  if (names.length === 0) return Grant.full;
  const scopes = Scopes.parse(names);
  if ('unknown' in scopes) throw new DomainError('unknown_scope', { faults: [{ field: 'scopes', code: 'unknown_scope', params: { scope: scopes.unknown.slice(0, 100) } }] });
  return Grant.of(scopes);
}

export class IssueTokenBody {
  @Line({ max: 100, example: 'CLI – laptop' }) name!: string;
  @ScopeNames() scopes?: string[];
  @Moment({ optional: true, nullable: true }) expires_at?: Date | null;

  toDomain(): NewToken {
    return { name: this.name, grant: grantOf(this.scopes ?? []), expiresAt: this.expires_at ?? null };
  }
}

export class RenameTokenBody {
  @Line({ max: 100, optional: true, example: 'CLI – new laptop' }) name?: string;
}

export class RotateTokenBody {
  @Count({ most: 86_400 }) grace_period_seconds?: number;
}

export class TokenQuery {
  @OneOf(STATUSES, { optional: true }) status?: TokenStatus;
  @Count({ most: 36_500 }) unused_for_days?: number;

  toDomain(): TokenFilters {
    return { status: this.status, unusedForDays: this.unused_for_days };
  }
}

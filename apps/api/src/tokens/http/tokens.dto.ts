import { Count, grantOf, Line, Moment, OneOf, ScopeNames } from '#request';
import { STATUSES, type TokenFilters, type TokenStatus } from '../domain/listed-token.js';
import type { NewToken } from '../domain/workspace-token.js';

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

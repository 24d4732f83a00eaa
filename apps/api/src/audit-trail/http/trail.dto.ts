import { invalid } from '#domain';
import { Line, Moment } from '#request';
import { isActionFilter, type Named, named, type TrailFilters } from '../domain/trail-filters.js';

export class TrailQuery {
  @Line({ max: 200, optional: true, example: 'user:7' }) actor?: string;
  @Line({ max: 200, optional: true, example: 'workspace_token:42' }) target?: string;
  @Line({ max: 100, optional: true, example: 'workspace_token.' }) action?: string;
  @Moment({ optional: true }) from?: Date;
  @Moment({ optional: true }) to?: Date;

  /** @throws validation_error */
  toDomain(): TrailFilters {
    if (this.action !== undefined && !isActionFilter(this.action)) throw invalid({ field: 'action', code: 'invalid' });
    return { actor: reference('actor', this.actor), target: reference('target', this.target), action: this.action, from: this.from, to: this.to };
  }
}

function reference(field: string, text: string | undefined): Named | undefined {
  if (text === undefined) return undefined;
  const found = named(text);
  if (found === null) throw invalid({ field, code: 'invalid' });
  return found;
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { invalid } from '#domain';

const PER_PAGE = 25;
const MOST_PER_PAGE = 100;

export interface PageRequest {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  /** One of the names that the list sorts by; null: the list's own order. */
  readonly sort: { readonly by: string; readonly descending: boolean } | null;
}

/** One page of a list, and how many there are in all. */
export interface PageOf<T> {
  readonly rows: readonly T[];
  readonly total: number;
}

/**
 * `?page=` and `?per_page=` (25 by default, clamped to 100), `?sort=` by one of these names, `?order=asc|desc`.
 * @throws validation_error for what is no positive number, and for an order that the list does not know
 */
export const Page = createParamDecorator((sortable: readonly string[] | undefined, execution: ExecutionContext): PageRequest => {
  const { query } = execution.switchToHttp().getRequest<Request>();
  if (query['cursor'] !== undefined) throw invalid({ field: 'cursor', code: 'unexpected' });
  return {
    page: positive('page', query['page'], 1),
    perPage: Math.min(positive('per_page', query['per_page'], PER_PAGE), MOST_PER_PAGE),
    sort: sorting(query, sortable ?? []),
  };
});

/** The list envelope; five lists that existing clients read by name carry it in place of `data`. */
export function listed<T>({ rows, total }: PageOf<T>, { page, perPage }: PageRequest, name = 'data') {
  return { [name]: rows, meta: { current_page: page, per_page: perPage, total_pages: Math.ceil(total / perPage), total_count: total } };
}

/** The list envelope over rows that are all at hand. */
export function paged<T>(rows: readonly T[], request: PageRequest, name = 'data') {
  const { page, perPage } = request;
  return listed({ rows: rows.slice((page - 1) * perPage, page * perPage), total: rows.length }, request, name);
}

function sorting({ sort, order }: Request['query'], sortable: readonly string[]): PageRequest['sort'] {
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw invalid({ field: 'order', code: 'not_in_list' });
  if (sort === undefined) return null;
  if (typeof sort !== 'string' || !sortable.includes(sort)) throw invalid({ field: 'sort', code: 'not_in_list' });
  return { by: sort, descending: order === 'desc' };
}

function positive(field: string, given: unknown, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (typeof given !== 'string' || !/^[1-9]\d{0,8}$/.test(given)) throw invalid({ field, code: 'invalid' });
  return Number(given);
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { invalid } from '#domain';

const PER_PAGE = 25;
const MOST_PER_PAGE = 100;

export interface PageRequest {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

/** `?page=` and `?per_page=` (25 by default, clamped to 100). @throws validation_error for what is no positive number */
export const Page = createParamDecorator((_: unknown, execution: ExecutionContext): PageRequest => {
  const { query } = execution.switchToHttp().getRequest<Request>();
  return { page: positive('page', query['page'], 1), perPage: Math.min(positive('per_page', query['per_page'], PER_PAGE), MOST_PER_PAGE) };
});

/** The list envelope over rows that are all at hand. */
export function paged<T>(rows: readonly T[], { page, perPage }: PageRequest) {
  return {
    data: rows.slice((page - 1) * perPage, page * perPage),
    meta: { current_page: page, per_page: perPage, total_pages: Math.ceil(rows.length / perPage), total_count: rows.length },
  };
}

function positive(field: string, given: unknown, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (typeof given !== 'string' || !/^[1-9]\d{0,8}$/.test(given)) throw invalid({ field, code: 'invalid' });
  return Number(given);
}

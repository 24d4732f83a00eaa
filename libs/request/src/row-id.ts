import { Param } from '@nestjs/common';
import { DomainError } from '#domain';

/** A row's id from the path; anything but plain decimal digits names nothing (404). */
export function RowId(name = 'id'): ParameterDecorator {
  return Param(name, { transform: parse });
}

function parse(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new DomainError('not_found');
  return id;
}

import { Param } from '@nestjs/common';
import { DomainError } from '#domain';

const DIGITS = /^[1-9]\d{0,15}$/;
const MANIFEST_ID = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;

/** An installation from the path: its id as a number, or its manifest's id as it is, dots included; anything else names nothing (404). */
export function InstallationId(): ParameterDecorator {
  return Param('id', { transform: parse });
}

function parse(text: string): number | string {
  if (MANIFEST_ID.test(text)) return text;
  const id = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new DomainError('not_found');
  return id;
}

import { Param } from '@nestjs/common';
import { DomainError } from '#domain';
import { type IssueRef as Ref, parseIssueKey } from '../domain/issue-key.js';

const KEY = /^[A-Z][A-Z0-9]*$/;
const DIGITS = /^[1-9]\d{0,15}$/;

/** A project from the path: its id as a number, or its key as it is; anything else names nothing (404). */
export function ProjectRef(name = 'id'): ParameterDecorator {
  return Param(name, { transform: projectRefOf });
}

/** An issue from the path: its id, or its key as it is (`CORE-42`); anything else names nothing (404). */
export function IssueRef(name = 'id'): ParameterDecorator {
  return Param(name, { transform: (text: string): Ref => parseIssueKey(text) ?? idOf(text) });
}

function projectRefOf(text: string): number | string {
  return KEY.test(text) ? text : idOf(text);
}

function idOf(text: string): number {
  const id = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new DomainError('not_found');
  return id;
}

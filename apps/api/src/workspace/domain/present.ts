import { DomainError } from '#domain';

/** What was looked for and found. @throws not_found: absent and somebody else's are alike */
export function present<Row>(row: Row | null | undefined): Row {
  if (row === null || row === undefined) throw new DomainError('not_found');
  return row;
}

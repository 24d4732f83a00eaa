import type { Answer } from '../support/client.js';

/** What a refused body was refused for, field by field: `422 name:blank end_date:invalid`; else the status. */
export function faults({ status, body }: Answer): string {
  const details = (body?.details ?? []) as readonly { field: string; code: string }[];
  return [status, ...details.map(({ field, code }) => `${field}:${code}`)].join(' ');
}

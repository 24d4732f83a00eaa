/**
 * Before what a spreadsheet would take for a formula, were it at the beginning of a cell: also where it would be one only to a
 * spreadsheet that parts cells by semicolons or tabs, as they do in half of Europe.
 */
const FORMULA = /^(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])|(?<=[;\t\r\n])(?="*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** A record of RFC 4180, with its line end. A cell that would be a formula begins with an apostrophe, which makes it a text. */
export function csvRecord(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  const text = plain(value);
  const safe = text.replace(FORMULA, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}

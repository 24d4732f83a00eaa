/** How people name an issue: its project's key and its number there, `CORE-42`. */
export interface IssueKey {
  readonly projectKey: string;
  readonly number: number;
}

/** An issue by its id, or by its key. */
export type IssueRef = number | IssueKey;

const WRITTEN = /^([A-Z][A-Z0-9]*)-([1-9]\d{0,9})$/;
/** The greatest that a column of type integer holds. */
const GREATEST_NUMBER = 2_147_483_647;

/** Null for what is no key. */
export function parseIssueKey(written: string): IssueKey | null {
  const [, projectKey, digits] = WRITTEN.exec(written) ?? [];
  if (projectKey === undefined || Number(digits) > GREATEST_NUMBER) return null;
  return { projectKey, number: Number(digits) };
}

/** Null while the project has no key. */
export function writtenKey(projectKey: string | null, number: number): string | null {
  return projectKey === null ? null : `${projectKey}-${number}`;
}

import type { Issue } from './issue.js';

/** A person as those see them who work with them. */
export interface Colleague {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

/** An issue with what other rows say of it. */
export interface IssueDetails {
  readonly issue: Issue;
  readonly projectKey: string | null;
  /** Its parent's number in their project. */
  readonly parentNumber: number | null;
  readonly assignee: Colleague | null;
}

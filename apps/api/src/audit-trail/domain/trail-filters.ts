/** Who or what: `user:7`. */
export interface Named {
  readonly type: string;
  readonly id: string;
}

/** What of the trail is asked for; what is absent narrows nothing. */
export interface TrailFilters {
  readonly actor?: Named | undefined;
  readonly target?: Named | undefined;
  /** One action, or all of a noun: `workspace_token.`. */
  readonly action?: string | undefined;
  /** The first moment that counts. */
  readonly from?: Date | undefined;
  /** The first moment that counts no more. */
  readonly to?: Date | undefined;
}

/** Whose ids are numbers. */
const NUMBERED: ReadonlySet<string> = new Set(['user', 'workspace_token', 'oauth_application', 'oauth_secret', 'extension', 'session', 'organization', 'subscription', 'security_alert']);

/** Null for what names nobody: a mistyped id must not look like a quiet trail. */
export function named(text: string): Named | null {
  const { type, id } = /^(?<type>[a-z_]{1,40}):(?<id>\S{1,160})$/.exec(text)?.groups ?? {};
  if (type === undefined || id === undefined || (NUMBERED.has(type) && !/^[1-9]\d{0,18}$/.test(id))) return null;
  return { type, id };
}

export function isActionFilter(text: string): boolean {
  return /^[a-z_]{1,40}\.[a-z_]{0,40}$/.test(text);
}

import { plainOrigin } from '#domain';

/** What the workspace itself tells; an integration may send any other type. */
export const OWN_TYPES = ['sla_warning', 'workflow_transition', 'new_comment', 'assignment', 'security_alert'] as const;

export type OwnType = (typeof OWN_TYPES)[number];

/** What any type is called, also one of an integration's. */
export const NOTIFICATION_TYPE = /^[a-z][a-z0-9_.]{0,63}$/;

/** What somebody is to be told. */
export interface NotificationText {
  readonly type: string;
  readonly title: string;
  readonly message: string;
  /** A path of the product's, or an address on its own origin. */
  readonly url: string | null;
}

/** The same for one member. */
export interface Draft extends NotificationText {
  readonly membershipId: number;
}

/** A notification in a member's inbox; the members' own are numbered from 1, without gaps. */
export interface Notification extends NotificationText {
  readonly id: number;
  readonly offset: number;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

/** Whether a link stays with the product: a path that begins with one slash, or https on the origin of its app. */
export function staysWithProduct(url: string, appAddress: string): boolean {
  const { origin } = new URL(appAddress);
  // Where a path leads, is seen from the app's own page.
  if (url.startsWith('/')) return !url.startsWith('//') && plainOrigin(`${origin}${url}`) === origin;
  const own = plainOrigin(url);
  return own === origin && own.startsWith('https:');
}

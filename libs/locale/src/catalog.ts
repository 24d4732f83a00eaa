import type { ErrorCode, FaultCode, Locale, Scope } from '#domain';
import csAlerts from './catalog/cs/alerts.json' with { type: 'json' };
import csErrors from './catalog/cs/errors.json' with { type: 'json' };
import csFaults from './catalog/cs/faults.json' with { type: 'json' };
import csMail from './catalog/cs/mail.json' with { type: 'json' };
import csNotifications from './catalog/cs/notifications.json' with { type: 'json' };
import csScopes from './catalog/cs/scopes.json' with { type: 'json' };
import csWorkspace from './catalog/cs/workspace.json' with { type: 'json' };
import deAlerts from './catalog/de/alerts.json' with { type: 'json' };
import deErrors from './catalog/de/errors.json' with { type: 'json' };
import deFaults from './catalog/de/faults.json' with { type: 'json' };
import deMail from './catalog/de/mail.json' with { type: 'json' };
import deNotifications from './catalog/de/notifications.json' with { type: 'json' };
import deScopes from './catalog/de/scopes.json' with { type: 'json' };
import deWorkspace from './catalog/de/workspace.json' with { type: 'json' };
import enAlerts from './catalog/en/alerts.json' with { type: 'json' };
import enErrors from './catalog/en/errors.json' with { type: 'json' };
import enFaults from './catalog/en/faults.json' with { type: 'json' };
import enMail from './catalog/en/mail.json' with { type: 'json' };
import enNotifications from './catalog/en/notifications.json' with { type: 'json' };
import enScopes from './catalog/en/scopes.json' with { type: 'json' };
import enWorkspace from './catalog/en/workspace.json' with { type: 'json' };

/** A sentence in the forms that a number asks for (Unicode plural categories). */
export interface Plural {
  readonly one?: string;
  readonly few?: string;
  readonly other: string;
}

/** What a security alert can be about. */
export type AlertType = keyof typeof enAlerts.types;
export type AlertSubjectType = keyof typeof enAlerts.subjects;

export interface Catalog {
  readonly alerts: typeof enAlerts;
  readonly errors: Readonly<Record<ErrorCode, string>>;
  readonly faults: Readonly<Record<FaultCode, string | Plural>>;
  readonly mail: typeof enMail;
  /** What the workspace itself tells its members. */
  readonly notifications: typeof enNotifications;
  readonly scopes: Readonly<Record<Scope, string>>;
  /** What the states and kinds of work are called. */
  readonly workspace: typeof enWorkspace;
}

/** Every sentence that a person may read. A code without its sentence does not compile. */
export const CATALOGS: Readonly<Record<Locale, Catalog>> = {
  cs: { alerts: csAlerts, errors: csErrors, faults: csFaults, mail: csMail, notifications: csNotifications, scopes: csScopes, workspace: csWorkspace },
  de: { alerts: deAlerts, errors: deErrors, faults: deFaults, mail: deMail, notifications: deNotifications, scopes: deScopes, workspace: deWorkspace },
  en: { alerts: enAlerts, errors: enErrors, faults: enFaults, mail: enMail, notifications: enNotifications, scopes: enScopes, workspace: enWorkspace },
};

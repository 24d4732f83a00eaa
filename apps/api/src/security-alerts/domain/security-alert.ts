import type { CredentialKind } from '#domain';
import type { AlertType, Rule, Severity } from './rules.js';

/** Whom or what an alert is about. */
export interface Subject {
  readonly type: CredentialKind | 'address' | 'session' | 'extension_secret';
  /** Null for an address, which is its own name. */
  readonly id: number | null;
  readonly name: string;
}

/** A credential that an alert's link may end. */
export interface Reducible {
  readonly kind: CredentialKind;
  readonly credentialId: number;
}

/** Something that happened, once or several times, and may be worth an alert. */
export interface Suspicion {
  readonly organizationId: number;
  readonly type: AlertType;
  readonly subject: Subject;
  /** Since it was told last. */
  readonly occurrences: number;
  /** Within the rule's window; these included. */
  readonly total: number;
  readonly at: Date;
  readonly ip: string | null;
  readonly tokenPrefix?: string | null;
  /** Where a leak was found, in its reporter's words. */
  readonly sourceUrl?: string | null;
  readonly reducible?: Reducible | null;
}

/** What the organization's admins are told: one cause and subject, counted within an hour. */
export class SecurityAlert {
  readonly id!: number;
  readonly organizationId!: number;
  readonly type!: AlertType;
  readonly severity!: Severity;
  readonly subjectType!: Subject['type'];
  readonly subjectId!: number | null;
  readonly subjectName!: string;
  readonly tokenPrefix!: string | null;
  ip!: string | null;
  readonly sourceUrl!: string | null;
  count!: number;
  readonly firstSeenAt!: Date;
  lastSeenAt!: Date;
  readonly acknowledgedAt!: Date | null;

  static raise(suspicion: Suspicion, { severity, windowSeconds }: Rule): SecurityAlert {
    const { organizationId, type, subject, occurrences, total, at, ip, tokenPrefix = null, sourceUrl = null } = suspicion;
    return Object.assign(new SecurityAlert(), {
      organizationId,
      type,
      severity,
      subjectType: subject.type,
      subjectId: subject.id,
      subjectName: subject.name,
      tokenPrefix,
      ip,
      sourceUrl,
      count: windowSeconds === 0 ? occurrences : total,
      firstSeenAt: at,
      lastSeenAt: at,
      acknowledgedAt: null,
    });
  }

  /** The same again: counted, and not told anew. */
  repeat({ occurrences, at, ip }: Suspicion): void {
    this.count += occurrences;
    this.ip = ip ?? this.ip;
    if (at > this.lastSeenAt) this.lastSeenAt = at;
  }
}

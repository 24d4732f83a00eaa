import { DomainError, type ErrorCode } from './errors.js';
import { Grant } from './grant.js';
import type { Locale } from './locale.js';
import { Scopes } from './scopes.js';

export const ROLES = ['admin', 'member', 'viewer'] as const;

export type Role = (typeof ROLES)[number];

/** What each role may do at most; the plan and the credential narrow it further. */
const ROLE_SCOPES: Readonly<Record<Role, Scopes>> = {
  admin: Scopes.all,
  member: Scopes.all.without(Scopes.of('admin')),
  viewer: Scopes.reading.without(Scopes.of('admin')),
};

export const CREDENTIAL_KINDS = ['user', 'workspace_token', 'oauth_application', 'extension'] as const;

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export interface OrganizationRef {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
}

export interface ProductRef {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly defaultLocale: Locale;
}

/** An organization's subscription, as judged at this moment. */
export interface SubscriptionSummary {
  readonly id: number;
  readonly planTier: string;
  readonly status: string;
  readonly trialEndsAt: Date | null;
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly canceledAt: Date | null;
  /** Whether the plan's features may be used now. */
  readonly active: boolean;
}

/** Whose rows a credential can see at all: an organization's, or those of one project of it. */
export interface Realm {
  readonly organizationId: number;
  /** Null: every project. */
  readonly projectId: number | null;
}

/** What a route asks of its caller. */
export interface Requirement {
  readonly scope?: Scopes;
  /** The kinds of credential that it opens to; absent: any. */
  readonly kinds?: readonly CredentialKind[];
  /** Kinds that need no scope here, since the route shows them nothing but themselves. */
  readonly unscopedFor?: readonly CredentialKind[];
  /** Stays open under a lapsed subscription, so that the customer can pay, look and reduce. */
  readonly openWhenLapsed?: boolean;
  /** Answers also whoever has no request left, so that they can ask how long to wait. */
  readonly openWhenExceeded?: boolean;
}

const ADMINISTRATION = Scopes.of('admin');

/** Who is calling: one credential, judged at this request. Every endpoint sees only this. */
export class Principal {
  readonly kind!: CredentialKind;
  /** The session's id, the token's, the application's, the installation's. */
  readonly credentialId!: number;
  /** What an opaque secret begins with, enough to recognize it by. */
  readonly tokenPrefix!: string | null;
  /** Null: it never expires. */
  readonly expiresAt!: Date | null;
  /** The user; the owner of a workspace token. */
  readonly userId!: number;
  /** Null for a machine that is no member. */
  readonly membershipId!: number | null;
  readonly name!: string;
  readonly email!: string;
  readonly locale!: Locale;
  /** Null for a machine that is no member: its grant alone says what it may do. */
  readonly role!: Role | null;
  readonly organization!: OrganizationRef;
  readonly product!: ProductRef;
  /** The one project that it is bound to, if it is bound to one. */
  readonly projectId!: number | null;
  readonly subscription!: SubscriptionSummary;
  /** What the plan holds at this moment. */
  readonly plan!: Scopes;
  /** The credential's own upper bound. */
  readonly grant!: Grant;

  static of(facts: Omit<Principal, 'realm' | 'actor' | 'reach' | 'refusal' | 'mustCover' | 'mustOutlive' | 'mustCoverRole'>): Principal {
    return Object.assign(new Principal(), facts);
  }

  get realm(): Realm {
    return { organizationId: this.organization.id, projectId: this.projectId };
  }

  /** Who acts, as the audit trail names it: a person by their session, else the credential itself. */
  get actor(): { readonly type: CredentialKind; readonly id: number } {
    return { type: this.kind, id: this.kind === 'user' ? this.userId : this.credentialId };
  }

  /** What this credential opens now: the plan's scopes and administration, narrowed by the role and by the credential's own grant. */
  get reach(): Scopes {
    if (!this.subscription.active) return Scopes.none;
    return this.roleScopes.intersect(this.plan.union(ADMINISTRATION)).intersect(this.grant.scopes);
  }

  /** Why this caller may not; the first reason that fits, in the contract's order; null where nothing speaks against it. */
  refusal(required: Requirement): ErrorCode | null {
    if (!this.subscription.active && !required.openWhenLapsed) return 'subscription_inactive';
    const scope = required.unscopedFor?.includes(this.kind) === true ? Scopes.none : (required.scope ?? Scopes.none);
    if (this.subscription.active && !this.plan.union(ADMINISTRATION).covers(scope)) return 'feature_disabled';
    if (required.kinds !== undefined && !required.kinds.includes(this.kind)) return 'forbidden';
    if (!this.roleScopes.covers(scope)) return 'forbidden';
    if (!this.isSessionOfTheLapsed && !this.grant.scopes.covers(scope)) return 'insufficient_scope';
    return null;
  }

  /** Nobody can hand out more than they hold, by whatever way of handing out. @throws insufficient_scope */
  mustCover(asked: Grant): void {
    if (!this.holdings.covers(asked)) throw new DomainError('insufficient_scope', { requiredScopes: asked.scopes.toJSON() });
  }

  /** A workspace token cannot hand out what outlives it; others can. @throws insufficient_scope */
  mustOutlive(expiresAt: Date | null): void {
    if (this.kind !== 'workspace_token' || this.expiresAt === null) return;
    if (expiresAt === null || expiresAt > this.expiresAt) throw new DomainError('insufficient_scope', { requiredScopes: [] });
  }

  /** Being made an admin is being given everything. @throws insufficient_scope */
  mustCoverRole(role: Role): void {
    if (role === 'admin') this.mustCover(Grant.full);
  }

  /** What can be handed out: the plan narrows at use, not at issue, and so does not stand in an admin's way. */
  private get holdings(): Grant {
    return this.kind === 'user' && this.role === 'admin' ? Grant.full : this.grant;
  }

  private get roleScopes(): Scopes {
    return this.role === null ? Scopes.all : ROLE_SCOPES[this.role];
  }

  /** A session begun while the subscription lapsed carries no scopes: on what stays open then, the role alone decides. */
  private get isSessionOfTheLapsed(): boolean {
    return this.kind === 'user' && !this.subscription.active;
  }
}

/** A user's reach under a plan: no plan holds administration, only the role does. */
export function reachOf(role: Role, plan: Scopes): Scopes {
  return ROLE_SCOPES[role].intersect(plan.union(ADMINISTRATION));
}

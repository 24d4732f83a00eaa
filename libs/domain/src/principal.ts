import type { ErrorCode } from './errors.js';
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

export type CredentialKind = 'user' | 'workspace_token' | 'oauth_application' | 'extension';

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

/** What a route asks of its caller. */
export interface Requirement {
  readonly scope?: Scopes;
  /** A user's own credential, no machine's. */
  readonly user?: boolean;
  /** Stays open under a lapsed subscription, so that the customer can pay, look and reduce. */
  readonly openWhenLapsed?: boolean;
}

const ADMINISTRATION = Scopes.of('admin');

/** Who is calling: one credential, judged at this request. Every endpoint sees only this. */
export class Principal {
  readonly kind!: CredentialKind;
  /** The session's id. */
  readonly credentialId!: number;
  readonly expiresAt!: Date;
  readonly userId!: number;
  readonly membershipId!: number;
  readonly name!: string;
  readonly email!: string;
  readonly locale!: Locale;
  readonly role!: Role;
  readonly organization!: OrganizationRef;
  readonly product!: ProductRef;
  readonly subscription!: SubscriptionSummary;
  /** What the plan holds at this moment. */
  readonly plan!: Scopes;
  /** The credential's own upper bound. */
  readonly grant!: Scopes;

  static of(facts: Omit<Principal, 'reach' | 'refusal'>): Principal {
    return Object.assign(new Principal(), facts);
  }

  /** What this credential opens now: the plan's scopes and administration, narrowed by the role and by the credential's own grant. */
  get reach(): Scopes {
    if (!this.subscription.active) return Scopes.none;
    return reachOf(this.role, this.plan).intersect(this.grant);
  }

  /** Why this caller may not; the first reason that fits, in the contract's order; null where nothing speaks against it. */
  refusal(required: Requirement): ErrorCode | null {
    if (!this.subscription.active && !required.openWhenLapsed) return 'subscription_inactive';
    const scope = required.scope ?? Scopes.none;
    if (this.subscription.active && !this.plan.union(ADMINISTRATION).covers(scope)) return 'feature_disabled';
    if (required.user === true && this.kind !== 'user') return 'forbidden';
    if (!ROLE_SCOPES[this.role].covers(scope)) return 'forbidden';
    // A token taken while the subscription lapsed carries no scopes: on what stays open then, the role alone decides.
    if (this.subscription.active && !this.grant.covers(scope)) return 'insufficient_scope';
    return null;
  }
}

/** A user's reach under a plan: no plan holds administration, only the role does. */
export function reachOf(role: Role, plan: Scopes): Scopes {
  return ROLE_SCOPES[role].intersect(plan.union(ADMINISTRATION));
}

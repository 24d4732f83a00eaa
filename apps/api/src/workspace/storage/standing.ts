import type { SubscriptionRow } from '#access';
import type { Locale, OrganizationRef, ProductRef, Role } from '#domain';

/** What decides with every credential of an organization, at one moment of the database. */
export interface OrganizationStanding {
  readonly organization_id: number;
  readonly organization_name: string;
  readonly organization_slug: string;
  readonly suspended_at: Date | null;
  readonly product_id: number;
  readonly product_slug: string;
  readonly product_name: string;
  readonly default_locale: Locale;
  readonly product_active: boolean;
  readonly subscription_id: number;
  readonly plan_tier: string;
  readonly status: string;
  readonly trial_ends_at: Date | null;
  readonly current_period_start: Date | null;
  readonly current_period_end: Date | null;
  readonly canceled_at: Date | null;
  readonly past_due_since: Date | null;
  readonly grace_days: number;
  readonly at_stripe: boolean;
  readonly plan: SubscriptionRow['plan'];
  readonly database_time: Date;
}

/** The same with the member on whom a credential hangs. */
export interface Standing extends OrganizationStanding {
  readonly membership_id: number;
  readonly role: Role;
  readonly ended_at: Date | null;
  readonly user_id: number;
  readonly user_name: string;
  readonly email: string;
  readonly locale: Locale;
  readonly disabled_at: Date | null;
}

/**
 * For the one read that judges a credential: it may join what other tables say of it, so that a request costs one statement.
 * The credential is `c`, and has an `organization_id`.
 */
export const ORGANIZATION_STANDING = {
  columns: `
    o.id AS organization_id, o.name AS organization_name, o.slug AS organization_slug, o.suspended_at,
    p.id AS product_id, p.slug AS product_slug, p.branding->>'product_name' AS product_name, p.default_locale, p.active AS product_active,
    b.id AS subscription_id, b.plan_tier, b.status, b.trial_ends_at, b.current_period_start, b.current_period_end, b.canceled_at,
    b.past_due_since, p.grace_days, b.stripe_subscription_id IS NOT NULL AS at_stripe,
    p.plans->b.plan_tier AS plan, clock_timestamp() AS database_time`,
  joins: `
    JOIN organizations o ON o.id = c.organization_id
    JOIN products p ON p.id = o.product_id
    JOIN subscriptions b ON b.organization_id = o.id`,
};

/** The same for a credential that has a `membership_id` too. */
export const STANDING = {
  columns: `
    m.id AS membership_id, m.role, m.ended_at, u.id AS user_id, u.name AS user_name, u.email, u.locale, u.disabled_at,
    ${ORGANIZATION_STANDING.columns}`,
  joins: `
    JOIN memberships m ON m.id = c.membership_id
    JOIN users u ON u.id = m.user_id
    ${ORGANIZATION_STANDING.joins}`,
};

/** Whether its organization and its product still are what they were. */
export function organizationStands({ suspended_at, product_active }: OrganizationStanding): boolean {
  return suspended_at === null && product_active;
}

/** Whether its member, its organization and its product still are what they were. */
export function stands(standing: Standing): boolean {
  return standing.ended_at === null && standing.disabled_at === null && organizationStands(standing);
}

export function subscriptionOf(standing: OrganizationStanding): SubscriptionRow {
  return { ...standing, id: standing.subscription_id };
}

/** Whose a credential is, as its principal says it. */
export function identityOf(standing: Standing) {
  return {
    userId: standing.user_id,
    membershipId: standing.membership_id,
    name: standing.user_name,
    email: standing.email,
    locale: standing.locale,
    role: standing.role,
    ...organizationOf(standing),
  };
}

export function organizationOf(standing: OrganizationStanding): { organization: OrganizationRef; product: ProductRef } {
  return {
    organization: { id: standing.organization_id, name: standing.organization_name, slug: standing.organization_slug },
    product: { id: standing.product_id, slug: standing.product_slug, name: standing.product_name, defaultLocale: standing.default_locale },
  };
}

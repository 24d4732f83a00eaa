import { subscriptionView } from '#access';
import type { Locale, OrganizationRef, Principal, Role } from '#domain';
import type { Affiliation } from '../../workspace/index.js';
import type { LoginOutcome } from '../login.service.js';
import type { SignedIn } from '../sign-in.service.js';
import type { ListedSession } from '../sessions.service.js';

export function signedInView({ tokens, user, organization, entitlement }: SignedIn) {
  return {
    ...tokens,
    user: userView(user),
    organization: organizationView(organization),
    subscription: subscriptionView(entitlement.subscription),
  };
}

export function loginView(outcome: LoginOutcome) {
  if ('tokens' in outcome) return signedInView(outcome);
  return {
    select_organization: true,
    organizations: outcome.organizations.map(choiceView),
    login_token: outcome.loginToken,
  };
}

export function profileView(principal: Principal, { name, locale }: { name: string; locale: Locale } = principal) {
  const { userId: id, email, organization, role, subscription, reach } = principal;
  return {
    user: userView({ id, email, name, locale }),
    organization: organizationView({ ...organization, role }),
    subscription: subscriptionView(subscription),
    scopes: reach.toJSON(),
  };
}

export function sessionView(session: ListedSession, currentId: number) {
  const { id, created_at, last_used_at, ip, user_agent } = session;
  const organization = { id: session.organization_id, name: session.organization_name, slug: session.organization_slug };
  return { id, created_at, last_used_at, ip, user_agent, current: id === currentId, organization };
}

function userView({ id, email, name, locale }: { id: number; email: string; name: string; locale: Locale }) {
  return { id, email, name, locale };
}

function organizationView({ id, name, slug, role }: OrganizationRef & { role: Role | null }) {
  return { id, name, slug, role };
}

function choiceView({ organizationId, name, slug, role }: Affiliation) {
  return organizationView({ id: organizationId, name, slug, role });
}

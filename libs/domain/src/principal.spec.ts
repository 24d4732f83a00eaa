import { type CredentialKind, Principal, type Requirement, type Role, reachOf } from './principal.js';
import { type Scope, Scopes } from './scopes.js';

interface Facts {
  readonly kind?: CredentialKind;
  readonly role?: Role;
  readonly active?: boolean;
  readonly plan?: Scope[];
  readonly grant?: Scope[];
}

function caller({ kind = 'user', role = 'admin', active = true, plan = ['issues', 'comments'], grant = ['issues', 'comments', 'admin'] }: Facts = {}): Principal {
  return Principal.of({
    kind,
    credentialId: 1,
    expiresAt: new Date('2027-01-01T00:00:00Z'),
    userId: 7,
    membershipId: 8,
    name: 'Jan',
    email: 'jan@acme.cz',
    locale: 'cs',
    role,
    organization: { id: 1, name: 'Acme', slug: 'acme' },
    product: { id: 1, slug: 'p', name: 'P', defaultLocale: 'cs' },
    subscription: {
      id: 1, planTier: 'team', status: active ? 'active' : 'unpaid', trialEndsAt: null, currentPeriodStart: null, currentPeriodEnd: null, canceledAt: null, active,
    },
    plan: Scopes.of(...plan),
    grant: Scopes.of(...grant),
  });
}

const asks = (...scopes: Scope[]): Requirement => ({ scope: Scopes.of(...scopes) });
const administration = asks('admin');
const openAdministration = { ...administration, openWhenLapsed: true };

describe('a caller is refused for the first reason that fits:', () => {
  it.each<[string, Facts, Requirement, string | null]>([
    ['nothing speaks against it', {}, asks('issues:write'), null],
    ['a lapsed subscription comes before all else', { active: false, role: 'viewer', plan: [], grant: [] }, asks('issues:write'), 'subscription_inactive'],
    ['a lapsed subscription closes what asks for nothing', { active: false }, {}, 'subscription_inactive'],
    ['then the plan', { role: 'viewer', plan: ['comments'], grant: [] }, asks('issues:write'), 'feature_disabled'],
    ['then the kind of credential', { kind: 'extension', role: 'viewer', grant: [] }, { ...asks('issues:write'), user: true }, 'forbidden'],
    ['then the role', { role: 'viewer', grant: [] }, asks('issues:write'), 'forbidden'],
    ['then the credential’s own grant', { role: 'member', grant: ['issues:read'] }, asks('issues:write'), 'insufficient_scope'],
    ['administration stands in no plan', { plan: [] }, administration, null],
    ['administration is not a member’s', { role: 'member' }, administration, 'forbidden'],
    ['administration is not a viewer’s, not even to read', { role: 'viewer' }, asks('admin:read'), 'forbidden'],
    ['administration must be granted', { grant: ['issues'] }, administration, 'insufficient_scope'],
    ['administration opens nothing else', { grant: ['admin'] }, asks('issues:read'), 'insufficient_scope'],
    ['a machine is no user', { kind: 'workspace_token' }, { user: true }, 'forbidden'],
    ['what stays open when lapsed is open', { active: false, grant: [] }, { user: true, openWhenLapsed: true }, null],
    ['what stays open when lapsed is the role’s to decide', { active: false, role: 'member' }, openAdministration, 'forbidden'],
    ['what stays open when lapsed needs no scope of a token that could get none', { active: false, plan: [], grant: [] }, openAdministration, null],
    ['what stays open when lapsed needs its scope while it is not', { grant: [] }, openAdministration, 'insufficient_scope'],
  ])('%s', (_, facts, requirement, refusal) => {
    expect(caller(facts).refusal(requirement)).toBe(refusal);
  });
});

describe('what a caller reaches', () => {
  it.each<[string, Facts, Scope[]]>([
    ['an admin: the plan and administration', {}, ['issues', 'comments', 'admin']],
    ['a member: the plan', { role: 'member' }, ['issues', 'comments']],
    ['a viewer: reading', { role: 'viewer' }, ['issues:read', 'comments:read']],
    ['a credential’s grant narrows it', { grant: ['issues:read', 'projects'] }, ['issues:read']],
    ['a plan that shrank narrows it at once', { plan: ['comments:read'] }, ['comments:read', 'admin']],
    ['a plan that grew waits for a new credential', { plan: ['issues', 'comments', 'users'] }, ['issues', 'comments', 'admin']],
    ['nothing while the subscription is inactive', { active: false }, []],
  ])('%s', (_, facts, reach) => {
    expect(caller(facts).reach.toJSON()).toEqual(reach);
  });

  it('by role and plan alone, as a new credential gets it', () => {
    expect(reachOf('admin', Scopes.none).toJSON()).toEqual(['admin']);
    expect(reachOf('member', Scopes.all).toJSON()).not.toContain('admin');
    expect(reachOf('viewer', Scopes.of('issues')).toJSON()).toEqual(['issues:read']);
  });
});

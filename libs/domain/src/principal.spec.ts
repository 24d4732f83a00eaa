import { Grant } from './grant.js';
import { type CredentialKind, Principal, type Requirement, type Role, reachOf } from './principal.js';
import { type Scope, Scopes } from './scopes.js';

interface Facts {
  readonly kind?: CredentialKind;
  readonly role?: Role;
  readonly active?: boolean;
  readonly plan?: Scope[];
  readonly grant?: Scope[] | 'full';
  readonly expiresAt?: Date | null;
}

const EXPIRY = new Date('2027-01-01T00:00:00Z');
const granted = (scopes: Scope[] | 'full') => (scopes === 'full' ? Grant.full : Grant.of(Scopes.of(...scopes)));

function caller({ kind = 'user', role = 'admin', active = true, plan = ['issues', 'comments'], grant = ['issues', 'comments', 'admin'], expiresAt = EXPIRY }: Facts = {}): Principal {
  return Principal.of({
    kind,
    credentialId: 1,
    tokenPrefix: null,
    expiresAt,
    projectId: null,
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
    grant: granted(grant),
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
    ['then the kind of credential', { kind: 'extension', role: 'viewer', grant: [] }, { ...asks('issues:write'), kinds: ['user'] }, 'forbidden'],
    ['then the role', { role: 'viewer', grant: [] }, asks('issues:write'), 'forbidden'],
    ['then the credential’s own grant', { role: 'member', grant: ['issues:read'] }, asks('issues:write'), 'insufficient_scope'],
    ['administration stands in no plan', { plan: [] }, administration, null],
    ['administration is not a member’s', { role: 'member' }, administration, 'forbidden'],
    ['administration is not a viewer’s, not even to read', { role: 'viewer' }, asks('admin:read'), 'forbidden'],
    ['administration must be granted', { grant: ['issues'] }, administration, 'insufficient_scope'],
    ['administration opens nothing else', { grant: ['admin'] }, asks('issues:read'), 'insufficient_scope'],
    ['a machine is no user', { kind: 'workspace_token' }, { kinds: ['user'] }, 'forbidden'],
    ['what stays open when lapsed needs the scope of a token, which has its own', { kind: 'workspace_token', active: false, grant: ['issues'] }, openAdministration, 'insufficient_scope'],
    ['full access opens what the role does', { kind: 'workspace_token', grant: 'full' }, asks('issues:write'), null],
    ['what stays open when lapsed is open', { active: false, grant: [] }, { kinds: ['user'], openWhenLapsed: true }, null],
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

describe('who hands out a grant', () => {
  const token = (grant: Facts['grant'], role: Role = 'admin'): Facts => ({ kind: 'workspace_token', role, ...(grant !== undefined && { grant }) });

  it.each<[string, Facts, Scope[] | 'full', boolean]>([
    ['an admin hands out everything, also what the plan does not hold', { plan: [], grant: ['admin'] }, 'full', true],
    ['a full-access token hands out everything', token('full'), 'full', true],
    ['a token hands out what it holds', token(['issues', 'admin']), ['issues:read'], true],
    ['a token hands out no more than it holds', token(['issues:read', 'admin']), ['issues'], false],
    ['a token with every scope there is hands out no full access', token(['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin']), 'full', false],
    ['a token with administration alone hands out nothing else', token(['admin']), ['issues:read'], false],
    ['a person who is no admin hands out what their session holds', { role: 'member', grant: ['issues'] }, ['comments'], false],
    ['an extension hands out what it holds', { kind: 'extension', grant: ['issues'] }, ['projects'], false],
  ])('%s', (_, facts, asked, may) => {
    const handOut = () => caller(facts).mustCover(granted(asked));
    if (may) expect(handOut).not.toThrow();
    else expect(handOut).toThrow(expect.objectContaining({ code: 'insufficient_scope' }));
  });

  it.each<[string, Facts, boolean]>([
    ['an admin', {}, true],
    ['a full-access token', token('full'), true],
    ['a token with administration', token(['admin', 'users']), false],
    ['a member', { role: 'member' }, false],
  ])('makes an admin: %s', (_, facts, may) => {
    const promote = () => caller(facts).mustCoverRole('admin');
    if (may) expect(promote).not.toThrow();
    else expect(promote).toThrow(expect.objectContaining({ code: 'insufficient_scope' }));
    expect(() => caller(facts).mustCoverRole('viewer')).not.toThrow();
  });

  const after = new Date(EXPIRY.getTime() + 1);
  it.each<[string, Facts, Date | null, boolean]>([
    ['a person: what outlives the session', {}, null, true],
    ['a token: what ends with it', token('full'), EXPIRY, true],
    ['a token: not what outlives it', token('full'), after, false],
    ['a token: not what never ends', token('full'), null, false],
    ['a token that never ends: whatever it likes', { ...token('full'), expiresAt: null }, null, true],
  ])('%s', (_, facts, expiresAt, may) => {
    const handOut = () => caller(facts).mustOutlive(expiresAt);
    if (may) expect(handOut).not.toThrow();
    else expect(handOut).toThrow(expect.objectContaining({ code: 'insufficient_scope' }));
  });
});

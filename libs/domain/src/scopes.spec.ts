import { RESOURCES, type Scope, Scopes } from './scopes.js';

const named = (...names: Scope[]) => Scopes.of(...names);

describe('names', () => {
  it.each<[string[], string[]]>([
    [['issues'], ['issues']],
    [['issues:read', 'issues:write'], ['issues']],
    [['read:issues'], ['issues:read']],
    [['write:issues', 'issues:read'], ['issues']],
    [['comments:read', 'issues', 'issues:read'], ['issues', 'comments:read']],
    [['admin', 'notifications', 'users', 'analytics', 'workflows', 'comments', 'projects', 'issues'], [...RESOURCES]],
    [['admin:write'], ['admin:write']],
    [[], []],
  ])('%j are answered as %j', (given, answered) => {
    const scopes = Scopes.parse(given);
    expect(scopes instanceof Scopes && scopes.toJSON()).toEqual(answered);
  });

  it.each([
    '', '*', 'everything', 'Issues', 'issues:', ':read', 'issues:admin', 'issues:read:write', 'read:write', 'read', 'issues read', ' issues',
    'issues:READ', 'read:issues:write', 'constructor', '__proto__', 'toString', 'issues:constructor',
  ])('%j is unknown', (name) => {
    expect(Scopes.parse(['issues', name])).toEqual({ unknown: name });
    expect(Scopes.stored([name])).toEqual(Scopes.none);
  });

  it('the first unknown one is told', () => {
    expect(Scopes.parse(['issues', 'one', 'two'])).toEqual({ unknown: 'one' });
  });
});

describe('a set', () => {
  it.each<[Scope[], Scope[], boolean]>([
    [['issues'], ['issues:read'], true],
    [['issues'], ['issues:write'], true],
    [['issues:read'], ['issues'], false],
    [['issues:read'], ['issues:write'], false],
    [['issues', 'comments'], ['issues:read', 'comments:write'], true],
    [['admin'], ['issues:read'], false],
    [['issues'], ['projects:read'], false],
    [[], [], true],
    [[], ['issues:read'], false],
  ])('%j covers %j: %s', (held, asked, covered) => {
    expect(named(...held).covers(named(...asked))).toBe(covered);
  });

  it('of all covers each, and reading covers only reading', () => {
    for (const resource of RESOURCES) {
      expect(Scopes.all.covers(named(resource))).toBe(true);
      expect(Scopes.reading.covers(named(`${resource}:read`))).toBe(true);
      expect(Scopes.reading.covers(named(`${resource}:write`))).toBe(false);
    }
  });

  it('narrows, widens and takes away', () => {
    expect(named('issues', 'comments:read').intersect(named('issues:read', 'comments')).toJSON()).toEqual(['issues:read', 'comments:read']);
    expect(named('issues:read').union(named('issues:write', 'users')).toJSON()).toEqual(['issues', 'users']);
    expect(named('issues', 'admin').without(named('admin', 'issues:write')).toJSON()).toEqual(['issues:read']);
    expect(Scopes.all.without(Scopes.all)).toEqual(Scopes.none);
  });
});

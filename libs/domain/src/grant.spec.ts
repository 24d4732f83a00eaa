import { Grant } from './grant.js';
import { RESOURCES, type Scope, Scopes } from './scopes.js';

const of = (...scopes: Scope[]) => Grant.of(Scopes.of(...scopes));

describe('a grant', () => {
  it.each<[string, Grant, Grant, boolean]>([
    ['full access covers full access', Grant.full, Grant.full, true],
    ['full access covers each scope', Grant.full, of('issues', 'admin'), true],
    ['every scope there is covers each scope', of(...RESOURCES), of('issues', 'admin'), true],
    ['every scope there is does not cover full access', of(...RESOURCES), Grant.full, false],
    ['certain scopes cover themselves', of('issues:read', 'admin'), of('issues:read', 'admin'), true],
    ['certain scopes cover fewer', of('issues', 'admin'), of('issues:write'), true],
    ['certain scopes do not cover others', of('issues', 'admin'), of('projects:read'), false],
    ['half a scope does not cover the whole', of('issues:read'), of('issues'), false],
    ['a half does not cover the other half', of('issues:read'), of('issues:write'), false],
    ['administration covers no other scope', of('admin'), of('issues:read'), false],
    ['nothing covers no scope', Grant.nothing, of('issues:read'), false],
    ['nothing does not cover full access', Grant.nothing, Grant.full, false],
    ['nothing covers nothing', Grant.nothing, Grant.nothing, true],
  ])('%s', (_, held, asked, covered) => {
    expect(held.covers(asked)).toBe(covered);
  });

  it('of no scopes is nothing and never full access', () => {
    expect(of()).toEqual(Grant.nothing);
    expect([of().isFull, of().scopes, Grant.nothing.isFull]).toEqual([false, Scopes.none, false]);
  });

  it('of full access opens at most what there is', () => {
    expect(Grant.full.scopes).toEqual(Scopes.all);
  });

  it.each<[string, Grant, object]>([
    ['full access without a scope', Grant.full, { scopes: [], full_access: true }],
    ['certain scopes by their shortest names', of('admin', 'issues:write', 'issues:read'), { scopes: ['issues', 'admin'], full_access: false }],
    ['nothing without a scope, and not as full access', Grant.nothing, { scopes: [], full_access: false }],
  ])('is told as what it is: %s', (_, grant, told) => {
    expect(JSON.parse(JSON.stringify(grant))).toEqual(told);
  });
});

import { type Scope, Scopes } from '#domain';
import { type Consent, Installation, refuseUnaccepted, unaccepted } from './installation.js';
import type { Manifest } from './manifest.js';

const INSTALLED = new Date('2027-01-01T12:00:00.000Z');
const LATER = new Date('2027-02-01T12:00:00.000Z');
const LATEST = new Date('2027-03-01T12:00:00.000Z');
const PLACE = { organizationId: 1, projectId: 2, serviceUserId: 3 };

const of = (...scopes: Scope[]) => Scopes.of(...scopes);
const manifest = (permissions: Scopes, facts: Partial<Manifest> = {}): Manifest => ({ extensionId: 'com.example.sync', name: 'Sync', version: '1.0.0', permissions, document: { permissions: permissions.toJSON() }, ...facts });
const installed = (...scopes: Scope[]) => Installation.install(PLACE, manifest(of(...scopes)), INSTALLED);

describe('an extension that is installed', () => {
  it('has what its manifest asks for, in its place, and nothing that waits', () => {
    expect(installed('issues:read', 'comments')).toEqual({
      ...PLACE,
      extensionId: 'com.example.sync',
      name: 'Sync',
      version: '1.0.0',
      manifest: { permissions: ['issues:read', 'comments'] },
      permissions: of('issues:read', 'comments'),
      pendingPermissions: Scopes.none,
      pendingManifest: null,
      installedAt: INSTALLED,
      updatedAt: INSTALLED,
      uninstalledAt: null,
    });
  });

  it('is uninstalled once, and the first time counts', () => {
    const installation = installed('issues');
    installation.uninstall(LATER);
    installation.uninstall(LATEST);
    expect([installation.uninstalledAt, installation.updatedAt]).toEqual([LATER, LATEST]);
  });
});

describe('what grew', () => {
  it.each<[string, Scope[], Scope[], Scope[]]>([
    ['nothing, where it asks for the same', ['issues', 'comments:read'], ['comments:read', 'issues'], []],
    ['nothing, where it asks for less', ['issues', 'comments'], ['issues:read'], []],
    ['the half that it lacked', ['issues:read'], ['issues'], ['issues:write']],
    ['what is new, and not what shrank beside it', ['issues', 'comments'], ['issues', 'projects:read'], ['projects:read']],
    ['the other half', ['issues:read'], ['issues:write'], ['issues:write']],
    ['everything, where it had nothing', [], ['issues', 'users:read'], ['issues', 'users:read']],
  ])('is %s', (_, before, after, growth) => {
    expect(installed(...before).growth(manifest(of(...after)))).toEqual(of(...growth));
  });

  it.each(['com.example.other', 'COM.EXAMPLE.SYNC', 'com.example.sync2', ''])('is not asked of another extension’s manifest, such as %j', (extensionId) => {
    const mismatch = expect.objectContaining({ code: 'validation_error', details: { faults: [{ field: 'manifest.extension.id', code: 'mismatch' }] } });
    const installation = installed('issues');
    expect(() => installation.growth(manifest(of('issues'), { extensionId }))).toThrow(mismatch);
    expect(() => { installation.holdBack(manifest(of('issues'), { extensionId }), LATER); }).toThrow(mismatch);
    expect(installation).toEqual(installed('issues'));
  });
});

describe('consent', () => {
  it.each<[string, Scope[], Consent | undefined, Scope[]]>([
    ['that nobody gave covers nothing', ['issues:write', 'comments'], undefined, ['issues:write', 'comments']],
    ['to all covers all', ['issues:write', 'comments'], true, []],
    ['to some covers those', ['issues:write', 'comments'], of('comments'), ['issues:write']],
    ['to a half leaves the other', ['comments'], of('comments:read'), ['comments:write']],
    ['to the whole covers the half', ['issues:write'], of('issues'), []],
    ['to none covers nothing', ['issues:write'], Scopes.none, ['issues:write']],
    ['to something else covers nothing', ['issues:write'], of('issues:read', 'projects'), ['issues:write']],
    ['is not needed for nothing', [], undefined, []],
  ])('%s', (_, growth, consent, missing) => {
    expect(unaccepted(of(...growth), consent)).toEqual(of(...missing));
  });

  it('that is missing is named, scope by scope', () => {
    const faults = ['issues:write', 'comments'].map((scope) => ({ field: 'accept_permissions', code: 'not_accepted', params: { scope } }));
    expect(() => refuseUnaccepted(of('issues:write', 'comments'))).toThrow(expect.objectContaining({ code: 'permissions_not_accepted', details: { faults } }));
  });
});

describe('a newer manifest', () => {
  const newer = manifest(of('issues:read', 'projects:read'), { name: 'Sync 2', version: '2.0.0' });

  it('that waits takes away at once what it no longer asks for, and changes nothing else', () => {
    const installation = installed('issues', 'comments');
    installation.holdBack(newer, LATER);
    expect(installation).toEqual({ ...installed('issues', 'comments'), permissions: of('issues:read'), pendingPermissions: of('projects:read'), pendingManifest: newer.document, updatedAt: LATER });
  });

  it('that waits is replaced by the next that does, and gives nothing back', () => {
    const installation = installed('issues', 'comments');
    installation.holdBack(newer, LATER);
    const third = manifest(of('issues', 'comments', 'workflows'), { version: '3.0.0' });
    installation.holdBack(third, LATEST);
    expect([installation.permissions, installation.pendingPermissions, installation.pendingManifest]).toEqual([of('issues:read'), of('issues:write', 'comments', 'workflows'), third.document]);
  });

  it('that is accepted is taken over whole, and nothing waits any more', () => {
    const installation = installed('issues', 'comments');
    installation.holdBack(newer, LATER);
    installation.upgrade(newer, LATEST);
    expect(installation).toEqual({
      ...installed(), name: 'Sync 2', version: '2.0.0', manifest: newer.document, permissions: of('issues:read', 'projects:read'), pendingPermissions: Scopes.none, pendingManifest: null, updatedAt: LATEST,
    });
  });
});

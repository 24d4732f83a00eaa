import { DomainError, type Scope, Scopes } from '#domain';
import { GRANTABLE, readManifest, SECRET_KEY } from './manifest.js';

const facts = (extension: object = {}) => ({ id: 'com.example.sync', name: 'Sync', version: '1.0.0', permissions: ['issues'], ...extension });
const document = (extension: object = {}, top: object = {}): Record<string, unknown> => ({ model_version: '1.0', extension: facts(extension), ...top });

/** What a document is refused for, `path:code` by `path:code`, or nothing. */
function faultsOf(value: unknown): string[] {
  try {
    readManifest(value);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('validation_error');
    return (error.details.faults ?? []).map(({ field, code }) => `${field}:${code}`);
  }
}

const permissionsOf = (value: unknown) => readManifest(value).permissions.toJSON();
/** What JSON and YAML may hold in place of what is asked for. */
const texts: [string, unknown, string][] = [
  ['left out', undefined, 'blank'], ['null', null, 'blank'], ['a number', 7, 'not_a_string'], ['a list', ['x'], 'not_a_string'], ['an object', {}, 'not_a_string'], ['true', true, 'not_a_string'],
];

describe('a manifest', () => {
  it('is read for its id, name, version and permissions, and kept as it came', () => {
    const whole = document({ description: 'Two\nlines', homepage: 'https://example.com', configuration: { TOKEN: { type: 'string', secret: true, label: 'Token' } } }, { webhooks: [{ event: 'issue.created' }] });
    expect(readManifest(whole)).toEqual({ extensionId: 'com.example.sync', name: 'Sync', version: '1.0.0', permissions: Scopes.of('issues'), document: whole });
    expect(readManifest(whole).document).toBe(whole);
  });

  it('is read without the spaces around its lines', () => {
    expect(readManifest(document({ id: ' com.example.sync ', name: ' Sync\n', version: '\t2 ' }))).toMatchObject({ extensionId: 'com.example.sync', name: 'Sync', version: '2' });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'blank'], ['null', null, 'blank'], ['a text', 'model_version: "1.0"', 'not_an_object'], ['a number', 1, 'not_an_object'], ['true', true, 'not_an_object'], ['a list', [document()], 'not_an_object'],
  ])('is no %s', (_, value, code) => {
    expect(faultsOf(value)).toEqual([`manifest:${code}`]);
  });

  it.each<[string, unknown, string]>([
    ['left out', undefined, 'blank'], ['null', null, 'not_in_list'], ['the number 1', 1, 'not_in_list'], ['another', '1.1', 'not_in_list'], ['a longer one', '1.0.0', 'not_in_list'], ['a list', ['1.0'], 'not_in_list'],
  ])('of a model version that is %s is refused', (_, version, code) => {
    expect(faultsOf({ ...document(), model_version: version })).toEqual([`manifest.model_version:${code}`]);
  });

  it.each<[string, unknown, string]>([
    ['left out', undefined, 'blank'], ['null', null, 'blank'], ['a text', 'com.example.sync', 'not_an_object'], ['a list', [facts()], 'not_an_object'], ['a number', 0, 'not_an_object'], ['false', false, 'not_an_object'],
  ])('whose extension is %s is refused', (_, extension, code) => {
    expect(faultsOf({ model_version: '1.0', extension })).toEqual([`manifest.extension:${code}`]);
  });

  it('is told every fault at once, each by its path and once', () => {
    expect(faultsOf({
      model_version: '2.0',
      extension: { id: '1st', name: '', version: 1, description: 7, permissions: ['issues', 'fly', 'admin', 7], configuration: { token: { type: 'string', secret: true }, A: 'x', B: {}, C: { type: 'x', secret: 'yes' } } },
      permissions: {},
      configuration: [],
    })).toEqual([
      'manifest.model_version:not_in_list', 'manifest.extension.id:invalid', 'manifest.extension.name:blank', 'manifest.extension.version:not_a_string', 'manifest.extension.description:not_a_string',
      'manifest.extension.permissions.1:unknown_scope', 'manifest.extension.permissions.2:not_in_list', 'manifest.extension.permissions.3:not_a_string', 'manifest.permissions:not_a_list',
      'manifest.extension.configuration.token:invalid', 'manifest.extension.configuration.A:not_an_object', 'manifest.extension.configuration.B.type:blank', 'manifest.extension.configuration.C.secret:not_a_boolean',
      'manifest.configuration:not_an_object',
    ]);
  });
});

describe.each(['id', 'name', 'version'])('its %s', (field) => {
  const fault = (code: string) => [`manifest.extension.${field}:${code}`];

  it.each(texts)('is refused where it is %s', (_, value, code) => {
    expect(faultsOf(document({ [field]: value }))).toEqual(fault(code));
  });

  it.each<[string, string]>([['empty', ''], ['nothing but spaces', ' \t\n ']])('is refused where it is %s', (_, value) => {
    expect(faultsOf(document({ [field]: value }))).toEqual(fault('blank'));
  });

  it.each<[string, string]>([['a second line', 'a\nb'], ['an escape code', 'a\u001b[31m'], ['a tab within', 'a\tb'], ['a C1 control', 'a\u0085b']])('is refused with %s', (_, value) => {
    expect(faultsOf(document({ [field]: value }))).toEqual(fault('invalid'));
  });

  it('is as long as it may be, and no longer', () => {
    const most = field === 'version' ? 64 : 100;
    expect(faultsOf(document({ [field]: 'x'.repeat(most) }))).toEqual([]);
    expect(faultsOf(document({ [field]: 'x'.repeat(most + 1) }))).toEqual(fault('too_long'));
  });
});

describe('its id', () => {
  it.each(['a', 'Z9', 'com.example.sync', 'a-b_c.d', 'X'])('may be %s', (id) => {
    expect(readManifest(document({ id })).extensionId).toBe(id);
  });

  it.each(['1a', '42', '.a', '-a', '_a', 'a b', 'a/b', 'a\\b', 'a?b', 'a:b', 'ä', 'aé', 'a@b', '../a', 'a%2e', '\u212Aelvin'])('is not %s', (id) => {
    expect(faultsOf(document({ id }))).toEqual(['manifest.extension.id:invalid']);
  });
});

describe('its description', () => {
  it.each([undefined, null, '', 'Two\nlines', 'x'.repeat(10_000)])('may be left out, empty, or long: %#', (description) => {
    expect(faultsOf(document({ description }))).toEqual([]);
  });

  it.each<[unknown, string]>([[7, 'not_a_string'], [[], 'not_a_string'], [{}, 'not_a_string'], [false, 'not_a_string'], ['x'.repeat(10_001), 'too_long']])('is refused as %#', (description, code) => {
    expect(faultsOf(document({ description }))).toEqual([`manifest.extension.description:${code}`]);
  });
});

describe('its permissions', () => {
  it.each<[string[], Scope[]]>([
    [['read:issues'], ['issues:read']],
    [['issues:read', 'write:issues'], ['issues']],
    [['comments', 'issues', 'read:comments'], ['issues', 'comments']],
    [['users:read'], ['users:read']],
    [['read:users', 'write:notifications'], ['users:read', 'notifications:write']],
    [['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write'], ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write']],
    [[], []],
  ])('%j are read as %j, in either place and in both', (names, read) => {
    expect(permissionsOf(document({ permissions: names }))).toEqual(read);
    expect(permissionsOf(document({ permissions: undefined }, { permissions: names }))).toEqual(read);
    expect(permissionsOf(document({ permissions: names.slice(1) }, { permissions: names.slice(0, 1) }))).toEqual(read);
  });

  it.each([undefined, null])('are none where it declares %j', (permissions) => {
    expect(permissionsOf(document({ permissions }, { permissions }))).toEqual([]);
  });

  it.each(['admin', 'admin:read', 'write:admin', 'analytics', 'analytics:read', 'users', 'users:write', 'write:users', 'notifications', 'notifications:read', 'read:notifications'])('are never %s', (name) => {
    expect(faultsOf(document({ permissions: ['issues', name] }))).toEqual(['manifest.extension.permissions.1:not_in_list']);
    expect(faultsOf(document({}, { permissions: [name] }))).toEqual(['manifest.permissions.0:not_in_list']);
  });

  it.each(['', '*', 'Issues', 'issues ', 'issues:delete', 'issues:read:write', 'read:issues:write', 'read', ':', '__proto__', 'toString', 'issues,comments', 'read:'])('are no unknown name such as %j', (name) => {
    expect(faultsOf(document({ permissions: [name] }))).toEqual(['manifest.extension.permissions.0:unknown_scope']);
  });

  it.each<[string, unknown]>([['a number', 7], ['null', null], ['a list', ['issues']], ['an object', { issues: 'read' }], ['true', true]])('name nothing by %s', (_, name) => {
    expect(faultsOf(document({ permissions: [name] }))).toEqual(['manifest.extension.permissions.0:not_a_string']);
  });

  it.each<[string, unknown]>([['a text', 'issues'], ['an object', { issues: true }], ['a number', 1], ['false', false], ['an empty text', '']])('are no %s', (_, permissions) => {
    expect(faultsOf(document({ permissions }))).toEqual(['manifest.extension.permissions:not_a_list']);
    expect(faultsOf(document({}, { permissions }))).toEqual(['manifest.permissions:not_a_list']);
  });

  it('are a hundred at most', () => {
    const names = (length: number) => Array.from({ length }, () => 'issues');
    expect(permissionsOf(document({ permissions: names(100) }))).toEqual(['issues']);
    expect(faultsOf(document({ permissions: names(101) }))).toEqual(['manifest.extension.permissions:too_many']);
  });

  it('that are refused are told back, and no more of them than fits', () => {
    const refuse = () => readManifest(document({ permissions: ['y'.repeat(500)] }));
    expect(refuse).toThrow(expect.objectContaining({ details: { faults: [{ field: 'manifest.extension.permissions.0', code: 'unknown_scope', params: { scope: 'y'.repeat(100) } }] } }));
  });

  it('can be these at most', () => {
    expect(GRANTABLE.toJSON()).toEqual(['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write']);
  });
});

describe('its configuration', () => {
  const both = (configuration: unknown): string[][] => [faultsOf(document({ configuration })), faultsOf(document({}, { configuration }))];
  const places = (fault: string) => [[`manifest.extension.configuration${fault}`], [`manifest.configuration${fault}`]];

  it.each<[string, unknown]>([
    ['left out', undefined], ['null', null], ['empty', {}], ['of a type', { limit: { type: 'number' } }], ['a secret', { TOKEN: { type: 'string', secret: true } }], ['no secret, and so of any name', { 'my limit': { type: 'number', secret: false } }],
    ['of more than we read', { LIMIT: { type: 'number', default: 7, help: { cs: 'Mez' } } }],
  ])('may be %s', (_, configuration) => {
    expect(both(configuration)).toEqual([[], []]);
  });

  it.each<[string, unknown, string]>([
    ['a list', [], ':not_an_object'],
    ['a text', 'TOKEN', ':not_an_object'],
    ['false', false, ':not_an_object'],
    ['an entry that is a text', { TOKEN: 'string' }, '.TOKEN:not_an_object'],
    ['an entry that is a list', { TOKEN: [] }, '.TOKEN:not_an_object'],
    ['an entry that is null', { TOKEN: null }, '.TOKEN:blank'],
    ['an entry without a type', { TOKEN: {} }, '.TOKEN.type:blank'],
    ['a type that is a number', { TOKEN: { type: 1 } }, '.TOKEN.type:not_a_string'],
    ['a type of two lines', { TOKEN: { type: 'a\nb' } }, '.TOKEN.type:invalid'],
    ['a secret that is a text', { TOKEN: { type: 'string', secret: 'true' } }, '.TOKEN.secret:not_a_boolean'],
    ['a secret that is null', { TOKEN: { type: 'string', secret: null } }, '.TOKEN.secret:not_a_boolean'],
    ['a secret of a name that no secret may have', { token: { type: 'string', secret: true } }, '.token:invalid'],
  ])('is refused as %s', (_, configuration, fault) => {
    expect(both(configuration)).toEqual(places(fault));
  });
});

describe('the key of a secret', () => {
  it.each<[string, boolean]>([
    ['A', true], ['TOKEN', true], ['A1_B', true], [`A${'B'.repeat(63)}`, true], [`A${'B'.repeat(64)}`, false], ['', false], ['1A', false], ['_A', false], ['a', false], ['Aa', false], ['A-B', false], ['A.B', false], ['A\n', false], ['\u00c4', false], [' A', false],
  ])('is %j: %j', (key, fits) => {
    expect(SECRET_KEY.test(key)).toBe(fits);
  });
});

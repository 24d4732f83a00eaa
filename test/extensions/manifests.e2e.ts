import { stringify } from 'yaml';
import type { Answer } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { installed, type Installed, manifest, project } from './installation.js';

const EXTENSIONS = '/extensions';
const KB = 1024;

let world: World;
let admin: Person;
let projectId: number;
let own: Installed;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  ({ id: projectId } = await project(admin));
  own = await installed(world, admin, projectId, { id: 'com.example.own' });
});
afterEach(async () => {
  // What was taken in though it should not have been stands in nobody's way.
  const { extensions } = (await admin.client.get(EXTENSIONS)).body as { extensions: { id: number }[] };
  for (const { id } of extensions) if (id !== own.id) await admin.client.delete(`${EXTENSIONS}/${id}`);
});
afterAll(async () => {
  await world.stop();
});

const stored = async () => world.database.sql(`SELECT to_jsonb(e) AS extension FROM extensions e ORDER BY id`);
/** A manifest is sent as JSON text, since an object literal holds no `__proto__`. */
const asBody = (text: string) => `{"extension":{"project_id":${projectId},"accept_permissions":true,"manifest":${text}}}`;

/** How a manifest is refused, which must be one way wherever it is sent; nothing of it is written. */
async function refusalOf(body: string): Promise<string> {
  const before = await stored();
  const answers = [await admin.client.post(EXTENSIONS, body), await admin.client.patch(`${EXTENSIONS}/${own.id}`, body)];
  expect(await stored()).toEqual(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const [one, other] = answers.map(told);
  expect(other).toBe(one);
  return one ?? '';
}

/** The faults by field and code, else the error. */
function told(answer: Answer): string {
  const { status, body } = answer;
  if (status !== 422) return `${status} ${String(body.error)}`;
  const details = body.details as { field: string; message: string }[];
  const byField: Record<string, string[]> = {};
  for (const { field, message } of details) (byField[field] ??= []).push(message);
  expect([body.error, body.errors]).toEqual(['validation_error', byField]);
  return faults(answer);
}

let names = 0;
/** Installs a manifest, shows what it became, and what is kept of it. */
async function taken(given: unknown): Promise<{ shown: Record<string, unknown>; kept: unknown }> {
  const answer = await admin.client.post(EXTENSIONS, { extension: { project_id: projectId, manifest: given } });
  if (answer.status !== 201) throw new Error(`install: ${answer.status} ${JSON.stringify(answer.body)}`);
  const [row] = await world.database.sql<{ manifest: unknown }>('SELECT manifest FROM extensions WHERE id = $1', [answer.body.id]);
  await admin.client.delete(`${EXTENSIONS}/${answer.body.id}`);
  return { shown: answer.body, kept: row?.manifest };
}
const fresh = () => `com.example.x${(names += 1)}`;

const SCAFFOLD = `# As the CLI writes it.
model_version: "1.0"
extension:
  id: com.example.scaffold
  name: Scaffold
  version: 1.2.3
permissions:
  - read:issues
  - write:comments
configuration:
  API_TOKEN:
    type: string
    secret: true
  limit: { type: number }
`;
const SCAFFOLDED = {
  model_version: '1.0',
  extension: { id: 'com.example.scaffold', name: 'Scaffold', version: '1.2.3' },
  permissions: ['read:issues', 'write:comments'],
  configuration: { API_TOKEN: { type: 'string', secret: true }, limit: { type: 'number' } },
};

describe('a manifest', () => {
  it.each<[string, unknown]>([
    ['YAML', SCAFFOLD], ['an object', SCAFFOLDED], ['JSON in a text', JSON.stringify(SCAFFOLDED)], ['YAML with Windows’ line ends', SCAFFOLD.replaceAll('\n', '\r\n')], ['YAML behind a byte order mark', `\uFEFF${SCAFFOLD}`], ['YAML between marks', `---\n${SCAFFOLD}...\n`],
  ])('is read alike as %s', async (_, given) => {
    const { shown, kept } = await taken(given);
    expect(shown).toMatchObject({ extension_id: 'com.example.scaffold', name: 'Scaffold', version: '1.2.3', permissions: ['issues:read', 'comments:write'] });
    expect(kept).toEqual(SCAFFOLDED);
  });

  it.each<[string[], string[]]>([
    [['read:issues'], ['issues:read']], [['issues:read', 'write:issues'], ['issues']], [['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write'], ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write']],
    [['read:users', 'write:notifications'], ['users:read', 'notifications:write']], [[], []],
  ])('asks for %j as %j, in either place, in both, and in YAML', async (permissions, asked) => {
    const extension = { id: fresh(), name: 'X', version: '1' };
    const places = [
      { model_version: '1.0', extension: { ...extension, permissions } }, { model_version: '1.0', extension, permissions }, { model_version: '1.0', extension: { ...extension, permissions: permissions.slice(0, 1) }, permissions: permissions.slice(1) },
    ];
    for (const given of places.flatMap((place) => [place, stringify(place)])) expect((await taken(given)).shown['permissions']).toEqual(asked);
  });

  const beyond = (id: string) => ({
    model_version: '1.0',
    extension: { id, name: 'X', version: '1', permissions: [], author: { name: 'Žluťoučký kůň 🐎', links: ['a', null, 1.5, true, [], {}] }, '': 'empty', 'a.b': 1, '0': 'zero' },
    webhooks: [{ event: 'issue.created', url: 'https://example.com/%2e?a=1&b=<script>' }],
    nothing: null,
    large: 9_007_199_254_740_991,
    configuration: { TOKEN: { type: 'string', secret: true, help: { cs: 'Klíč' }, default: null } },
  });
  it('keeps what we do not read, in YAML and in JSON', async () => {
    const whole = beyond(fresh());
    for (const given of [whole, stringify(whole)]) expect((await taken(given)).kept).toEqual(whole);
  });

  it.each(['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'then', 'length', 'toJSON', '__defineGetter__', 'name', '$ref', 'type'])('keeps the key %s, in YAML and in JSON', async (key) => {
    const whole = { ...manifest({ id: fresh() }), [key]: 'kept', nested: { [key]: { [key]: 'kept' } } };
    for (const given of [stringify(whole), whole]) expect((await taken(given)).kept).toEqual(whole);
  });

  it('keeps it of an upgrade, too, and of one that waits', async () => {
    const id = fresh();
    const one = await installed(world, admin, projectId, { id, permissions: [] });
    const keptOf = async () => (await world.database.sql('SELECT manifest, pending_manifest FROM extensions WHERE id = $1', [one.id]))[0];
    const upgrade = async (given: unknown) => (await admin.client.patch(`${EXTENSIONS}/${one.id}`, { extension: { manifest: given } })).status;
    const whole = beyond(id);
    const waiting = { ...whole, permissions: ['issues'] };
    expect([await upgrade(stringify(whole)), await upgrade(stringify(waiting)), await keptOf()]).toEqual([200, 422, { manifest: whole, pending_manifest: waiting }]);
  });
});

const facts = (extension: object = {}, top: object = {}) => ({ model_version: '1.0', extension: { id: 'com.example.own', name: 'X', version: '1', ...extension }, ...top });

describe('a fault', () => {
  const faulty: [string, unknown, string][] = [
    ['no model version', { ...facts(), model_version: undefined }, 'manifest.model_version:blank'],
    ['another model version', { ...facts(), model_version: '2.0' }, 'manifest.model_version:not_in_list'],
    ['a number for a model version', { ...facts(), model_version: 1 }, 'manifest.model_version:not_in_list'],
    ['no extension', { model_version: '1.0' }, 'manifest.extension:blank'],
    ['a list for an extension', { model_version: '1.0', extension: [] }, 'manifest.extension:not_an_object'],
    ['a text for an extension', { model_version: '1.0', extension: 'x' }, 'manifest.extension:not_an_object'],
    ['no id', facts({ id: undefined }), 'manifest.extension.id:blank'],
    ['an id that begins with a digit', facts({ id: '7com' }), 'manifest.extension.id:invalid'],
    ['an id that is a path', facts({ id: '../x' }), 'manifest.extension.id:invalid'],
    ['an id that is an object', facts({ id: { $ne: 1 } }), 'manifest.extension.id:not_a_string'],
    ['an id that is too long', facts({ id: 'x'.repeat(101) }), 'manifest.extension.id:too_long'],
    ['no name', facts({ name: null }), 'manifest.extension.name:blank'],
    ['a name that is a list', facts({ name: ['x'] }), 'manifest.extension.name:not_a_string'],
    ['a name of two lines', facts({ name: 'a\r\nb' }), 'manifest.extension.name:invalid'],
    ['a name that is too long', facts({ name: 'x'.repeat(101) }), 'manifest.extension.name:too_long'],
    ['a version that is a number', facts({ version: 1.5 }), 'manifest.extension.version:not_a_string'],
    ['a description that is a list', facts({ description: [] }), 'manifest.extension.description:not_a_string'],
    ['permissions in one text', facts({ permissions: 'issues' }), 'manifest.extension.permissions:not_a_list'],
    ['permissions as an object', facts({}, { permissions: { issues: 'read' } }), 'manifest.permissions:not_a_list'],
    ['a permission that is a number', facts({ permissions: ['issues', 7] }), 'manifest.extension.permissions.1:not_a_string'],
    ['a permission that is null', facts({}, { permissions: [null] }), 'manifest.permissions.0:not_a_string'],
    ['an unknown permission', facts({ permissions: ['issues:delete'] }), 'manifest.extension.permissions.0:unknown_scope'],
    ['a star', facts({ permissions: ['*'] }), 'manifest.extension.permissions.0:unknown_scope'],
    ['a thousand permissions', facts({ permissions: Array.from({ length: 1_000 }, () => 'issues') }), 'manifest.extension.permissions:too_many'],
    ['a list for a configuration', facts({ configuration: [] }), 'manifest.extension.configuration:not_an_object'],
    ['a configuration without a type', facts({}, { configuration: { LIMIT: {} } }), 'manifest.configuration.LIMIT.type:blank'],
    ['a secret that is a text', facts({ configuration: { TOKEN: { type: 'string', secret: 'yes' } } }), 'manifest.extension.configuration.TOKEN.secret:not_a_boolean'],
    ['a secret in small letters', facts({ configuration: { token: { type: 'string', secret: true } } }), 'manifest.extension.configuration.token:invalid'],
    ['a configuration called toString', facts({ configuration: { toString: 7 } }), 'manifest.extension.configuration.toString:not_an_object'],
    ...['admin', 'admin:read', 'write:admin', 'analytics', 'analytics:read', 'read:analytics', 'users', 'users:write', 'write:users', 'notifications', 'notifications:read', 'read:notifications'].flatMap((name): [string, unknown, string][] => [
      [`the permission ${name}`, facts({ permissions: ['issues', name] }), 'manifest.extension.permissions.1:not_in_list'], [`the permission ${name} at the top`, facts({}, { permissions: [name] }), 'manifest.permissions.0:not_in_list'],
    ]),
  ];

  it.each(faulty)('is told by its path: %s', async (_, given, fault) => {
    expect(await refusalOf(asBody(JSON.stringify(given)))).toBe(`422 ${fault}`);
    expect(await refusalOf(asBody(JSON.stringify(stringify(given))))).toBe(`422 ${fault}`);
  });

  it('is told together with all the others, each once', async () => {
    const given = {
      model_version: 1,
      extension: { id: '1', name: [], version: null, description: {}, permissions: ['fly', 'admin'], configuration: { a: { secret: 1 } } },
      permissions: 'all',
      configuration: 7,
    };
    const all = [
      'model_version:not_in_list', 'extension.id:invalid', 'extension.name:not_a_string', 'extension.version:blank', 'extension.description:not_a_string', 'extension.permissions.0:unknown_scope', 'extension.permissions.1:not_in_list', 'permissions:not_a_list',
      'extension.configuration.a.type:blank', 'extension.configuration.a.secret:not_a_boolean', 'configuration:not_an_object',
    ];
    for (const text of [JSON.stringify(given), JSON.stringify(stringify(given))]) expect(await refusalOf(asBody(text))).toBe(`422 ${all.map((fault) => `manifest.${fault}`).join(' ')}`);
  });

  it('is told in the reader’s language, and of an unknown name no more than fits', async () => {
    const told = async (locale: string, name: string) => (await admin.client.with({ 'accept-language': locale }).post(EXTENSIONS, { project_id: projectId, manifest: facts({ permissions: [name] }) })).body;
    const messages = await Promise.all(['cs', 'de', 'en'].map(async (locale) => (await told(locale, 'fly')).details[0].message as string));
    expect(new Set(messages).size).toBe(3);
    for (const message of messages) expect(message).toContain('fly');
    expect(JSON.stringify(await told('en', 'y'.repeat(5_000)))).not.toContain('y'.repeat(101));
  });

  it('of the project is told beside one of the manifest', async () => {
    expect(faults(await admin.client.post(EXTENSIONS, { extension: { project_id: 'x', manifest: [] } }))).toBe('422 project_id:not_a_number manifest:not_an_object');
  });
});

it.each<[string, string, string]>([
  ['null', 'null', '422 manifest:blank'], ['a list', '[]', '422 manifest:not_an_object'], ['a list of one', JSON.stringify([facts()]), '422 manifest:not_an_object'], ['a number', '7', '422 manifest:not_an_object'], ['true', 'true', '422 manifest:not_an_object'], ['false', 'false', '422 manifest:not_an_object'],
  ['an empty object', '{}', '422 manifest.model_version:blank manifest.extension:blank'],
  ['an empty text', '""', '422 manifest:blank'], ['a blank text', '" \\n "', '422 manifest:blank'], ['a comment', '"# nothing"', '422 manifest:blank'], ['null in a text', '"null"', '422 manifest:blank'], ['a list in a text', '"- a"', '422 manifest:not_an_object'], ['a number in a text', '"7"', '422 manifest:not_an_object'], ['a word', '"com.example.own"', '422 manifest:not_an_object'],
])('%s is no manifest', async (_, text, refusal) => {
  expect(await refusalOf(asBody(text))).toBe(refusal);
});

it('that is left out is none to install', async () => {
  expect(faults(await admin.client.post(EXTENSIONS, { extension: { project_id: projectId } }))).toBe('422 manifest:blank');
});

describe.each(['__proto__', 'constructor', 'prototype'])('the key %s', (key) => {
  const value = '{"polluted":true,"admin":true}';
  const HEAD = '"model_version":"1.0","extension":{"id":"com.example.own","name":"X","version":"1"';

  it.each<[string, string, string]>([
    ['at the top', `{"${key}":${value},${HEAD}}}`, `manifest.${key}`], ['in the extension', `{${HEAD},"${key}":${value}}}`, `manifest.extension.${key}`], ['deeper', `{${HEAD}},"x":[{"y":{"${key}":1}}]}`, `manifest.x.0.y.${key}`],
    ['in the configuration', `{${HEAD},"configuration":{"${key}":{"type":"string"}}}}`, `manifest.extension.configuration.${key}`], ['as a text', `{${HEAD}},"${key}":"x"}`, `manifest.${key}`], ['as null', `{${HEAD}},"${key}":null}`, `manifest.${key}`],
  ])('%s is refused by its path, in JSON and in YAML', async (_, text, path) => {
    expect(await refusalOf(asBody(text))).toBe(`422 extension.${path}:unexpected`);
    expect(await refusalOf(`{"project_id":${projectId},"manifest":${text}}`)).toBe(`422 ${path}:unexpected`);
    expect(await refusalOf(asBody(JSON.stringify(text)))).toBe(`422 ${path}:unexpected`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each<[string, string]>([['bare', `${key}: { polluted: true }`], ['quoted', `"${key}": 1`], ['escaped', `"\\x${key.charCodeAt(0).toString(16)}${key.slice(1)}": 1`], ['tagged', `!!str ${key}: 1`], ['behind a question mark', `? ${key}\n: 1`], ['by an alias', `a: &a ${key}\n*a : 1`]])('written %s in YAML is refused', async (_, text) => {
    expect(await refusalOf(asBody(JSON.stringify(`${SCAFFOLD}${text}\n`)))).toMatch(new RegExp(`^422 manifest(\\.${key}:unexpected|:not_yaml)$`));
  });

  it('in what is merged into another is refused', async () => {
    const texts = [`base: &b { ${key}: { polluted: true } }\nother: { <<: *b }\n`, `other: { <<: { ${key}: 1 } }\n`];
    for (const text of texts.flatMap((one) => [SCAFFOLD + one, `%YAML 1.1\n---\n${SCAFFOLD}${one}`])) expect(await refusalOf(asBody(JSON.stringify(text)))).toMatch(new RegExp(`^422 manifest\\..*${key}:unexpected$`));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('YAML', () => {
  const nested = (depth: number) => `deep: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  const bomb = Array.from({ length: 9 }, (_, level) => `a${level}: &a${level} [${Array.from({ length: 10 }, () => (level === 0 ? 'x' : `*a${level - 1}`)).join(', ')}]\n`).join('');
  const INVALID = '422 manifest:invalid';
  const NOT_YAML = '422 manifest:not_yaml';

  it.each<[string, string, string]>([
    ['of forty levels', SCAFFOLD + nested(40), INVALID],
    ['of a thousand levels', SCAFFOLD + nested(1_000), INVALID],
    ['of thirty thousand open brackets', `${'['.repeat(30_000)}`, INVALID],
    ['of eight thousand open braces', `${'{a: '.repeat(8_000)}`, INVALID],
    ['of forty kilobytes', `${SCAFFOLD}a: ${'x'.repeat(40_000)}\n`, '422 manifest:too_long'],
    ['of a bomb of aliases', SCAFFOLD + bomb, INVALID],
    ['of a value that holds itself', `${SCAFFOLD}a: &a { b: *a }\n`, INVALID],
    ['of a list that holds itself', `${SCAFFOLD}a: &a [*a]\n`, INVALID],
    ['that is itself all of it', '&a\nmodel_version: "1.0"\nextension: *a\n', INVALID],
    ['of an alias to nothing', `${SCAFFOLD}a: *nothing\n`, INVALID],
    ['of one key twice', `${SCAFFOLD}a: 1\na: 2\n`, NOT_YAML],
    ['of one key twice, quoted', `${SCAFFOLD}"permissions": [issues]\n`, NOT_YAML],
    ['of a permission list that is overwritten below', SCAFFOLD.replace('permissions:', 'permissions: []\npermissions:'), NOT_YAML],
    ['of two documents', `${SCAFFOLD}---\npermissions: [admin]\n`, NOT_YAML],
    ['of a list for a key', `${SCAFFOLD}? [a, b]\n: 1\n`, NOT_YAML],
    ['of an unknown directive’s version', `%YAML 9.9\n---\n${SCAFFOLD}a: [\n`, NOT_YAML],
    ['of a bracket that nobody closes', `${SCAFFOLD}a: [1, 2\n`, NOT_YAML],
    ['of tabs for spaces', 'model_version: "1.0"\nextension:\n\tid: x\n', NOT_YAML],
    ['of a character beyond Unicode', `${SCAFFOLD}a: "\\UFFFFFFFF"\n`, NOT_YAML],
    ['of text behind a text', `${SCAFFOLD}a: "b" c\n`, NOT_YAML],
    ['of NUL', `${SCAFFOLD}a: "\\0"\n`, '422 manifest.a:ill_formed_text'],
    ['of NUL in a key', `${SCAFFOLD}"a\\0": 1\n`, '422 manifest:ill_formed_text'],
    ['of NUL in the id', SCAFFOLD.replace('com.example.scaffold', '"com\\0"'), '422 manifest.extension.id:ill_formed_text'],
    ['of half a surrogate pair', `${SCAFFOLD}a: ["\\uD800"]\n`, '422 manifest.a.0:ill_formed_text'],
    ['that becomes much of little', `${SCAFFOLD}a: &a ${'x'.repeat(2_000)}\nb: [${Array.from({ length: 90 }, () => '*a').join(', ')}]\n`, '422 manifest:too_long'],
    ['of a version that is a number', SCAFFOLD.replace('1.2.3', '1.0'), '422 manifest.extension.version:not_a_string'],
    ['of a model version that is a number', SCAFFOLD.replace('"1.0"', '1.0'), '422 manifest.model_version:not_in_list'],
    ['of a yes for a secret', SCAFFOLD.replace('secret: true', 'secret: yes'), '422 manifest.configuration.API_TOKEN.secret:not_a_boolean'],
    ['of a yes for a secret, as version 1.1', `%YAML 1.1\n---\n${SCAFFOLD.replace('secret: true', 'secret: yes')}`, '422 manifest.configuration.API_TOKEN.secret:not_a_boolean'],
    ['that merges, as version 1.1', '%YAML 1.1\n---\nbase: &b { id: com.example.own, name: X, version: "1" }\nmodel_version: "1.0"\nextension: { <<: *b }\n', '422 manifest.extension.id:blank manifest.extension.name:blank manifest.extension.version:blank'],
    ['of a set of permissions', SCAFFOLD.replace(/permissions:\n.*\n.*\n/, 'permissions: !!set { issues, admin }\n'), '422 manifest.permissions:not_a_list'],
  ])('%s is refused', async (_, text, refusal) => {
    expect(await refusalOf(asBody(JSON.stringify(text)))).toBe(refusal);
  });

  it('is told by the line of its first fault', async () => {
    const { body } = await admin.client.with({ 'accept-language': 'en' }).post(EXTENSIONS, { project_id: projectId, manifest: `${SCAFFOLD}a: 1\na: 2\n` });
    expect(body.details[0].message).toMatch(new RegExp(`\\b${SCAFFOLD.split('\n').length + 1}\\b`));
  });

  it.each<[string, string, object]>([
    ['1.1 is read as 1.2', '%YAML 1.1\n---\n', { yes: 'yes', octal: 777, day: '2020-01-01', merged: { '<<': { a: 1 } } }],
    ['1.2 is read as it is', '', { yes: 'yes', octal: 777, day: '2020-01-01', merged: { '<<': { a: 1 } } }],
  ])('of version %s', async (_, head, expected) => {
    const { kept } = await taken(`${head}${SCAFFOLD}yes: yes\noctal: 0777\nday: 2020-01-01\nbase: &b { a: 1 }\nmerged: { <<: *b }\n`);
    expect(kept).toEqual({ ...SCAFFOLDED, base: { a: 1 }, ...expected });
  });

  it('makes plain data of whatever is tagged, and loses none of it', async () => {
    const { kept } = await taken(`${SCAFFOLD}set: !!set { a, b }\npairs: !!omap [{ a: 1 }]\nbytes: !!binary aGVsbG8=\nday: !!timestamp 2020-01-01\ncode: !!js/function "() => 1"\nown: !mine { a: 1 }\n`);
    expect(kept).toEqual({ ...SCAFFOLDED, set: { a: null, b: null }, pairs: [{ a: 1 }], bytes: 'aGVsbG8=', day: '2020-01-01', code: '() => 1', own: { a: 1 } });
  });
});

describe('JSON', () => {
  const within = (member: string) => `{${JSON.stringify(facts()).slice(1, -1)},${member}}`;

  it.each<[string, string, string]>([
    ['of forty levels', within(`"deep":${'['.repeat(40)}${']'.repeat(40)}`), '400 malformed_request'],
    ['of forty thousand levels', within(`"deep":${'['.repeat(40_000)}${']'.repeat(40_000)}`), '400 malformed_request'],
    ['that is cut off', within('"a":['), '400 malformed_request'],
    ['of NUL', within('"a":"\\u0000"'), '422 extension.manifest.a:ill_formed_text'],
    ['of NUL in a key', within('"a\\u0000":1'), '422 extension.manifest:ill_formed_text'],
    ['of half a surrogate pair', within('"a":["\\ud800"]'), '422 extension.manifest.a.0:ill_formed_text'],
    ['of NUL in a text of YAML', '"a: \\u0000"', '422 extension.manifest:ill_formed_text'],
  ])('%s is refused', async (_, text, refusal) => {
    expect(await refusalOf(asBody(text))).toBe(refusal);
  });
});

describe('a manifest of a hundred kilobytes', () => {
  const sized = (bytes: number, id: string) => ({ ...manifest({ id, permissions: [] }), notes: 'x'.repeat(bytes) });

  it('is too much, as YAML and as JSON', async () => {
    const before = await stored();
    for (const given of [sized(100 * KB, fresh()), stringify(sized(100 * KB, fresh()))]) {
      const answers = [await admin.client.post(EXTENSIONS, { project_id: projectId, manifest: given }), await admin.client.patch(`${EXTENSIONS}/${own.id}`, { manifest: given })];
      expect(answers.map(({ status, body }) => `${status} ${String(body.error)}`)).toEqual(['413 payload_too_large', '413 payload_too_large']);
    }
    expect(await stored()).toEqual(before);
  });

  it('almost, is kept as it came', async () => {
    const whole = sized(99 * KB, fresh());
    expect((await taken(whole)).kept).toEqual(whole);
  });

  it('is kept as it came where YAML says almost a third of it, which takes a parser long enough', async () => {
    const whole = sized(31 * KB, fresh());
    expect((await taken(stringify(whole, { lineWidth: 0 }))).kept).toEqual(whole);
  });
});

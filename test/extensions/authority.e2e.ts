import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { recorded } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import { accessToken, application } from '../oauth/application.js';
import type { Answer, Client } from '../support/client.js';
import { type Instance, type Person, PRODUCT, World } from '../support/world.js';
import { installed, type Installed, manifest, project } from './installation.js';

const EXTENSIONS = '/extensions';
const EVERYTHING = ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin'];

let world: World;
let other: Instance;
let operator: Operator;
let admin: Person;
let projectId: number;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  operator = world.instance.app.get(Operator, { strict: false });
});
beforeEach(async () => {
  admin = await world.register();
  ({ id: projectId } = await project(admin));
});
afterAll(async () => {
  await world.stop();
});

const at = ({ id }: Pick<Installed, 'id'>, path = '') => `${EXTENSIONS}/${id}${path}`;
const endsIn = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString();
const install = async (client: Client, permissions: string[], facts: object = {}) => client.post(EXTENSIONS, { extension: { project_id: projectId, manifest: manifest({ id: 'com.example.new', permissions, ...facts }) } });
const upgrade = async (client: Client, own: Pick<Installed, 'id'>, permissions: string[], consent: object = { accept_permissions: true }) => client.patch(at(own), { extension: { manifest: manifest({ version: '2.0.0', permissions }), ...consent } });
const rotate = async (client: Client, own: Pick<Installed, 'id'>) => client.post(at(own, '/secrets/api_key/rotate'), {});

/** All that stands of extensions, but for when a key was used. */
async function stored(): Promise<unknown> {
  return {
    extensions: await world.database.sql('SELECT * FROM extensions ORDER BY id'),
    keys: await world.database.sql(`SELECT to_jsonb(k) - 'last_used_at' AS row FROM extension_keys k ORDER BY digest`),
    secrets: await world.database.sql(`SELECT to_jsonb(s) - 'own_read_recorded_at' AS row FROM extension_secrets s ORDER BY installation_id, key`),
    users: await world.database.sql('SELECT * FROM users WHERE is_service ORDER BY id'),
  };
}

/** Each act on extensions, those that only read first. */
const acts = (own: Installed): Record<string, (client: Client) => Promise<Answer>> => ({
  list: async (client) => client.get(EXTENSIONS),
  show: async (client) => client.get(at(own)),
  'show by its manifest’s id': async (client) => client.get(`${EXTENSIONS}/${own.extensionId}`),
  'list its secrets': async (client) => client.get(at(own, '/secrets')),
  'read a secret': async (client) => client.get(at(own, '/secrets/TOKEN')),
  install: async (client) => install(client, []),
  'rotate its key': async (client) => rotate(client, own),
  upgrade: async (client) => upgrade(client, own, ['issues', 'comments']),
  'hold an upgrade back': async (client) => upgrade(client, own, ['projects'], {}),
  'set a secret': async (client) => client.post(at(own, '/secrets/TOKEN'), { value: 'y' }),
  'create a secret': async (client) => client.post(at(own, '/secrets'), { secret: { key: 'OTHER', value: 'y' } }),
  'change a secret': async (client) => client.patch(at(own, '/secrets/TOKEN'), { secret: { value: 'y' } }),
  'delete a secret': async (client) => client.delete(at(own, '/secrets/TOKEN')),
  uninstall: async (client) => client.delete(at(own)),
});

async function withSecret(facts: object = {}): Promise<Installed> {
  const own = await installed(world, admin, projectId, facts);
  await admin.client.post(at(own, '/secrets/TOKEN'), { value: 'x' });
  return own;
}

async function verdicts(own: Installed, client: Client): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const [name, act] of Object.entries(acts(own))) told[name] = verdict(await act(client));
  return told;
}

const allOf = (own: Installed, answer: string) => Object.fromEntries(Object.keys(acts(own)).map((name) => [name, answer]));

describe('who keeps extensions', () => {
  const done = {
    list: '200', show: '200', 'show by its manifest’s id': '200', 'list its secrets': '200', 'read a secret': '200', install: '201', upgrade: '200', 'hold an upgrade back': '422 permissions_not_accepted', 'rotate its key': '200',
    'set a secret': '200', 'create a secret': '201', 'change a secret': '200', 'delete a secret': '204', uninstall: '204',
  };

  it.each<[string, () => Promise<{ client: Client }>]>([
    ['an admin', async () => admin],
    ['a second admin', async () => world.member(admin, 'admin')],
    ['a full-access token', async () => world.token(admin)],
    ['a token with administration and all that the extension holds', async () => world.token(admin, { scopes: ['admin', 'issues', 'comments'] })],
    ['an application with the same', async () => accessToken(world, await application(admin, { scopes: ['admin', 'issues', 'comments'] }))],
  ])('is %s', async (_, holder) => {
    const own = await withSecret();
    expect(await verdicts(own, (await holder()).client)).toEqual(done);
  });

  it.each<[string, () => Promise<{ client: Client }>, string]>([
    ['a member', async () => world.member(admin), '403 forbidden'],
    ['a viewer', async () => world.member(admin, 'viewer'), '403 forbidden'],
    ['a token without administration', async () => world.token(admin, { scopes: EVERYTHING.slice(0, -1) }), '403 insufficient_scope'],
    ['a token with half of administration', async () => world.token(admin, { scopes: ['admin:read', 'issues', 'comments'] }), '403 insufficient_scope'],
    ['a token with the other half', async () => world.token(admin, { scopes: ['admin:write', 'issues', 'comments'] }), '403 insufficient_scope'],
    ['an application without administration', async () => accessToken(world, await application(admin, { scopes: EVERYTHING.slice(0, -1) })), '403 insufficient_scope'],
    ['an application’s token that left administration out', async () => accessToken(world, await application(admin, { scopes: undefined }), 'issues comments'), '403 insufficient_scope'],
    ['nobody', async () => ({ client: world.visitor }), '401 authorization_required'],
  ])('is never %s', async (_, holder, refusal) => {
    const own = await withSecret();
    const { client } = await holder();
    const before = await stored();
    expect(await verdicts(own, client)).toEqual(allOf(own, refusal));
    expect(await stored()).toEqual(before);
  });

  it('is no admin any more from the moment of the demotion, nor are their tokens', async () => {
    const second = await world.member(admin, 'admin');
    const own = await withSecret();
    const clients = [second.client, (await world.token(second)).client, (await world.token(second, { scopes: EVERYTHING })).client];
    expect(await Promise.all(clients.map(async (client) => verdict(await client.get(at(own)))))).toEqual(['200', '200', '200']);
    await admin.client.patch(`/users/${second.id}`, { user: { role: 'member' } });
    const before = await stored();
    for (const client of clients) expect(await verdicts(own, client)).toEqual(allOf(own, '403 forbidden'));
    expect(await stored()).toEqual(before);
  });
});

describe('whoever lets an extension in hands out what it asks for', () => {
  let weak: Installed;
  let strong: Installed;
  beforeEach(async () => {
    weak = await installed(world, admin, projectId, { permissions: ['issues:read'] });
    strong = await installed(world, admin, projectId, { id: 'com.example.strong', permissions: ['issues', 'projects'] });
  });
  const toStrong = (permissions: string[]) => ({ extension: { manifest: manifest({ id: 'com.example.strong', version: '2', permissions }), accept_permissions: true } });
  type Rule = [string, string, (client: Client) => Promise<Answer>];

  /** What administration alone may. */
  const alone: Rule[] = [
    ['installs nothing with issues', '403 insufficient_scope', async (client) => install(client, ['issues'])],
    ['installs nothing that reads issues', '403 insufficient_scope', async (client) => install(client, ['issues:read'])],
    ['installs nothing by the other spelling', '403 insufficient_scope', async (client) => install(client, ['read:users'])],
    ['installs nothing by the other place', '403 insufficient_scope', async (client) => client.post(EXTENSIONS, { project_id: projectId, manifest: { model_version: '1.0', extension: { id: 'com.example.new', name: 'X', version: '1' }, permissions: ['issues'] } })],
    ['installs nothing by YAML', '403 insufficient_scope', async (client) => client.post(EXTENSIONS, { project_id: projectId, manifest: 'model_version: "1.0"\nextension: { id: com.example.new, name: X, version: "1", permissions: [issues] }\n' })],
    ['installs what asks for nothing', '201', async (client) => install(client, [])],
    ['accepts no growth', '403 insufficient_scope', async (client) => upgrade(client, weak, ['issues'])],
    ['accepts no growth by its name', '403 insufficient_scope', async (client) => upgrade(client, weak, ['issues'], { accept_permissions: ['issues:write'] })],
    ['upgrades without growth', '200', async (client) => upgrade(client, weak, ['issues:read'])],
    ['takes away', '200', async (client) => upgrade(client, weak, [])],
    ['rotates no key of one that reads issues', '403 insufficient_scope', async (client) => rotate(client, weak)],
    ['rotates no stronger key', '403 insufficient_scope', async (client) => rotate(client, strong)],
    ['ends a stronger one', '204', async (client) => client.delete(at(strong))],
  ];
  /** What issues:read may beside it. */
  const some: Rule[] = [
    ['installs what it holds', '201', async (client) => install(client, ['issues:read'])],
    ['installs nothing beyond', '403 insufficient_scope', async (client) => install(client, ['issues'])],
    ['installs nothing beside', '403 insufficient_scope', async (client) => install(client, ['issues:read', 'users:read'])],
    ['accepts no growth beyond', '403 insufficient_scope', async (client) => upgrade(client, weak, ['issues'])],
    ['accepts no growth beside', '403 insufficient_scope', async (client) => upgrade(client, weak, ['issues:read', 'comments'])],
    ['rotates the key of one that holds no more', '200', async (client) => rotate(client, weak)],
    ['rotates no stronger key', '403 insufficient_scope', async (client) => rotate(client, strong)],
    ['accepts what it holds', '200', async (client) => {
      await upgrade(admin.client, weak, []);
      return upgrade(client, weak, ['issues:read']);
    }],
    ['takes from a stronger one', '200', async (client) => client.patch(at(strong), toStrong(['projects']))],
    ['adds nothing beyond to a stronger one', '403 insufficient_scope', async (client) => client.patch(at(strong), toStrong(['issues', 'projects', 'workflows']))],
  ];
  const callers: [string, string[], Rule[]][] = [['administration alone', ['admin'], alone], ['administration and issues:read', ['admin', 'issues:read'], some]];

  describe.each(callers)('with %s', (_, scopes, rules) => {
    it.each(rules)('a token %s: %s', async (_rule, answer, act) => {
      await onlyWhere(answer, (await world.token(admin, { scopes })).client, act);
    });

    it.each(rules)('an application %s: %s', async (_rule, answer, act) => {
      await onlyWhere(answer, (await accessToken(world, await application(admin, { scopes }))).client, act);
    });
  });

  /** What is refused leaves everything as it was, and no entry. */
  async function onlyWhere(answer: string, client: Client, act: Rule[2]): Promise<void> {
    const before = await stored();
    const lines = await recorded(world, async () => expect(verdict(await act(client))).toBe(answer));
    if (answer.startsWith('4')) expect([await stored(), lines]).toEqual([before, []]);
  }

  it('is told what is missing', async () => {
    const { client } = await world.token(admin, { scopes: ['admin'] });
    for (const { body, headers } of [await install(client, ['issues', 'users:read']), await upgrade(client, weak, ['issues:read', 'comments:write']), await rotate(client, strong)]) {
      expect([body.error, headers.get('www-authenticate')]).toEqual(['insufficient_scope', expect.stringContaining(`scope="${(body.required_scopes as string[]).join(' ')}"`)]);
    }
    expect((await install(client, ['issues', 'users:read'])).body.required_scopes).toEqual(['issues', 'users:read']);
  });

  it('and lets nobody accept what waits who may not', async () => {
    await upgrade(admin.client, weak, ['issues', 'comments'], {});
    const { client } = await world.token(admin, { scopes: ['admin', 'issues'] });
    await onlyWhere('403 insufficient_scope', client, async () => client.patch(at(weak), { extension: { accept_permissions: true } }));
    await onlyWhere('403 insufficient_scope', client, async () => client.patch(at(weak), { extension: { accept_permissions: ['comments', 'issues:write'] } }));
    expect((await weak.client.get('/me')).body.scopes).toEqual(['issues:read']);
    expect(verdict(await admin.client.patch(at(weak), { extension: { accept_permissions: true } }))).toBe('200');
  });

  it('beyond the plan, too: the plan narrows at use, not at issue', async () => {
    const setPlan = async (scopes: string[]) => world.database.sql(`UPDATE products SET plans = jsonb_set(plans, '{klein,scopes}', $1::jsonb) WHERE slug = 'kanzlei'`, [JSON.stringify(scopes)]);
    await setPlan(['issues', 'projects']);
    const owner = await world.register({ product: 'kanzlei' });
    const place = await project(owner);
    const own = await installed(world, owner, place.id, { permissions: ['issues', 'workflows'] });
    expect([(await owner.client.get(at(own))).body.permissions, (await own.client.get('/me')).body.scopes, verdict(await own.client.get('/workflows'))]).toEqual([['issues', 'workflows'], ['issues'], '403 feature_disabled']);
    await setPlan(['issues:read', 'workflows']);
    expect([verdict(await own.client.get('/workflows')), verdict(await own.client.post('/issues', {}))]).toEqual(['200', '403 feature_disabled']);
  });

  it('for good: a token that ends installs nothing, lets nothing grow and rotates nothing', async () => {
    const { client } = await world.token(admin, { expires_at: endsIn(3_600) });
    for (const act of [async () => install(client, ['issues:read']), async () => install(client, []), async () => upgrade(client, weak, ['issues']), async () => rotate(client, weak)]) await onlyWhere('403 insufficient_scope', client, act);
    expect(verdict(await upgrade(client, weak, ['issues:read']))).toBe('200');
    expect(verdict(await client.delete(at(strong)))).toBe('204');
    const endless = await world.token(admin);
    expect([await install(endless.client, ['issues']), await upgrade(endless.client, weak, ['issues']), await rotate(endless.client, weak)].map(verdict)).toEqual(['201', '200', '200']);
  });

  it('for good, which a person may: their session’s end binds nothing', async () => {
    expect([await install(admin.client, ['issues']), await rotate(admin.client, weak)].map(verdict)).toEqual(['201', '200']);
  });
});

describe('an extension’s own key', () => {
  it('opens itself, its secrets and its rotation, whatever its permissions, and no administration', async () => {
    for (const permissions of [[], ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write']]) {
      const own = await withSecret({ permissions });
      const neighbour = await installed(world, admin, projectId, { id: 'com.example.neighbour' });
      const before = await stored();
      const refusals = [
        await own.client.get(EXTENSIONS), await install(own.client, []), await upgrade(own.client, own, permissions), await upgrade(own.client, own, ['issues'], {}), await own.client.patch(at(own), { extension: { accept_permissions: true } }), await own.client.delete(at(own)), await own.client.delete(`${EXTENSIONS}/${own.extensionId}`),
      ];
      expect(refusals.map(verdict)).toEqual(refusals.map(() => '403 insufficient_scope'));
      expect(await stored()).toEqual(before);
      expect([await own.client.get(at(own)), await own.client.get(at(own, '/secrets')), await own.client.get(at(own, '/secrets/TOKEN')), await own.client.post(at(own, '/secrets/TOKEN'), { value: 'z' })].map(verdict)).toEqual(['200', '200', '200', '200']);
      const foreign = [await own.client.get(at(neighbour)), await own.client.get(at(neighbour, '/secrets')), await own.client.post(at(neighbour, '/secrets/TOKEN'), { value: 'z' }), await rotate(own.client, neighbour)];
      expect(foreign.map(verdict)).toEqual(foreign.map(() => '404 not_found'));
      expect(verdict(await rotate(own.client, own))).toBe('200');
      await admin.client.delete(at(own));
      await admin.client.delete(at(neighbour));
    }
  });

  it('issues no tokens, registers no applications, invites nobody, and is no person', async () => {
    const { client } = await installed(world, admin, projectId, { permissions: ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write'] });
    const { id } = await world.token(admin);
    const tokens = '/workspace_api_tokens';
    const forbidden = [
      await client.get(tokens), await client.post(tokens, { name: 'X', scopes: ['issues'] }), await client.get(`${tokens}/${id}`), await client.patch(`${tokens}/${id}`, { name: 'X' }), await client.post(`${tokens}/${id}/rotate`), await client.delete(`${tokens}/${id}`),
      await client.get('/auth/me'), await client.put('/auth/me', { name: 'X' }), await client.get('/auth/sessions'), await client.delete('/auth/sessions'), await client.post('/auth/logout'), await client.post('/auth/switch_org', { organization_id: admin.organizationId }),
    ];
    expect(forbidden.map(verdict)).toEqual(forbidden.map(() => '403 forbidden'));
    const administration = [
      await client.get('/oauth_applications'), await client.post('/oauth_applications', { name: 'X', scopes: ['issues'] }), await client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } }), await client.patch(`/users/${admin.id}`, { user: { role: 'viewer' } }), await client.delete(`/users/${admin.id}`),
    ];
    expect(administration.map(verdict)).toEqual(administration.map(() => '403 insufficient_scope'));
    expect(verdict(await admin.client.get(`${tokens}/${id}`))).toBe('200');
  });

  it('neither founds a project nor ends its own', async () => {
    const { client } = await installed(world, admin, projectId, { permissions: ['projects'] });
    expect([await client.post('/projects', { project: { name: 'Other' } }), await client.delete(`/projects/${projectId}`)].map(verdict)).toEqual(['403 forbidden', '403 forbidden']);
    expect([await client.get(`/projects/${projectId}`), await client.patch(`/projects/${projectId}`, { project: { description: 'Own' } })].map(verdict)).toEqual(['200', '200']);
  });
});

describe('while the subscription has lapsed', () => {
  const lapse = async (status = 'canceled') => world.database.sql('UPDATE subscriptions SET status = $2 WHERE organization_id = $1', [admin.organizationId, status]);
  const INACTIVE = '403 subscription_inactive';

  it('extensions and their secrets can be looked at and ended, and nothing else', async () => {
    const token = await world.token(admin);
    const keeper = await world.token(admin, { scopes: ['admin', 'issues', 'comments'] });
    for (const caller of [admin, token, keeper]) {
      await lapse('active');
      const own = await withSecret();
      await lapse();
      expect(await verdicts(own, caller.client)).toEqual({
        list: '200', show: '200', 'show by its manifest’s id': '200', 'list its secrets': '200', 'read a secret': '200', install: INACTIVE, upgrade: INACTIVE, 'hold an upgrade back': INACTIVE, 'rotate its key': INACTIVE,
        'set a secret': INACTIVE, 'create a secret': INACTIVE, 'change a secret': INACTIVE, 'delete a secret': '204', uninstall: '204',
      });
    }
  });

  it('nobody may more than otherwise', async () => {
    const [member, worker] = [await world.member(admin), await world.token(admin, { scopes: ['issues'] })];
    const own = await withSecret();
    await lapse();
    expect([await member.client.get(EXTENSIONS), await member.client.delete(at(own)), await worker.client.get(EXTENSIONS), await worker.client.delete(at(own))].map(verdict)).toEqual(['403 forbidden', '403 forbidden', '403 insufficient_scope', '403 insufficient_scope']);
  });

  it('an extension’s key opens no workspace, is not dead, and opens it again once that is paid', async () => {
    const own = await withSecret();
    await lapse();
    const lines = async () => [await own.client.get('/issues'), await own.client.post('/issues', {}), await own.client.get('/ext/issues'), await own.client.post(at(own, '/secrets/TOKEN'), { value: 'z' }), await rotate(own.client, own)].map(verdict);
    expect(await lines()).toEqual([INACTIVE, INACTIVE, INACTIVE, INACTIVE, INACTIVE]);
    await lapse('active');
    expect(await lines()).toEqual(['200', '422 validation_error', '200', '200', '200']);
  });
});

describe('another organization', () => {
  it.each<[string, string]>([['of the same product', PRODUCT], ['of another product', 'kiket']])('%s neither reaches nor sees it, and counts its own', async (_, product) => {
    const stranger = await world.register({ product });
    const theirs = await installed(world, stranger, (await project(stranger)).id, { id: 'com.example.theirs' });
    const own = await withSecret();
    const callers = [stranger.client, (await world.token(stranger)).client, (await accessToken(world, await application(stranger, { scopes: undefined }))).client];
    const before = await stored();
    for (const client of callers) {
      const told = await verdicts(own, client);
      expect({ ...told, list: '-', install: '-' }).toEqual({ ...allOf(own, '404 not_found'), list: '-', install: '-' });
      expect([told['list'], told['install']]).toEqual(['200', '404 not_found']);
      for (const query of ['', `?project_id=${theirs.projectId}`]) {
        const { extensions, meta } = (await client.get(`${EXTENSIONS}${query}`)).body;
        expect([extensions.map(({ id }: { id: number }) => id), meta.total_count]).toEqual([[theirs.id], 1]);
      }
      expect((await client.get(`${EXTENSIONS}?project_id=${projectId}`)).body).toMatchObject({ extensions: [], meta: { total_count: 0 } });
    }
    // Under the other's organization in a header or a body, it is no nearer.
    expect(verdict(await stranger.client.with({ 'x-org-id': String(admin.organizationId) }).get(at(own)))).toBe('404 not_found');
    expect(await stored()).toEqual(before);
    expect(verdict(await own.client.get('/issues'))).toBe('200');
  });

  it('may name its extension alike: each means its own', async () => {
    const stranger = await world.register();
    const [theirs, own] = [await installed(world, stranger, (await project(stranger)).id), await installed(world, admin, projectId)];
    for (const [{ client }, { id }] of [[stranger, theirs], [admin, own]] as const) expect((await client.get(`${EXTENSIONS}/com.example.sync`)).body.id).toBe(id);
  });

  it('is what a key belongs to under another product’s name: 401', async () => {
    const own = await installed(world, admin, projectId);
    expect([await own.client.product('kiket').get('/issues'), await admin.client.product('kiket').get(at(own)), await own.client.product(PRODUCT).get('/issues')].map(verdict)).toEqual(['401 invalid_token', '401 invalid_token', '200']);
  });
});

describe('an extension’s key is dead on the next request, at every instance,', () => {
  const slugOf = async ({ organizationId }: Person) => (await world.database.sql<{ slug: string }>('SELECT slug FROM organizations WHERE id = $1', [organizationId]))[0]?.slug ?? '';
  const setActive = async (active: boolean) => world.database.sql('UPDATE products SET active = $2 WHERE slug = $1', [PRODUCT, active]);
  const nothing = async () => undefined;
  const deaths: [string, (own: Installed) => Promise<unknown>, (own: Installed) => Promise<unknown>, boolean][] = [
    ['in a suspended organization, until that is resumed', async () => operator.suspendOrganization(PRODUCT, await slugOf(admin)), async () => operator.resumeOrganization(PRODUCT, await slugOf(admin)), true],
    ['under a product that was switched off, until that is on again', async () => setActive(false), async () => setActive(true), true],
    ['in a deleted project', async () => admin.client.delete(`/projects/${projectId}`), nothing, false],
    ['in a project whose row is gone', async () => world.database.sql('DELETE FROM projects WHERE id = $1', [projectId]), nothing, false],
    ['once it is uninstalled', async (own) => admin.client.delete(at(own)), async () => installed(world, admin, projectId), false],
    ['of an installation that ended, though the key’s own row says nothing of it', async ({ id }) => world.database.sql('UPDATE extensions SET uninstalled_at = now() WHERE id = $1', [id]), nothing, false],
    ['once another took its place without grace', async (own) => rotate(admin.client, own), nothing, false],
  ];

  it.each(deaths)('%s', async (_, kill, undo, revives) => {
    const [own, neighbours] = [await withSecret(), await world.register({ product: 'kiket' })];
    const elsewhere = await installed(world, neighbours, (await project(neighbours)).id);
    const stranger = world.stranger.with({ 'x-kiket-api-key': own.key });
    const told = async () => Promise.all([
      own.client.get('/issues'), own.client.at(`${other.base}/api/v1`).get('/issues'), own.client.get('/me'), own.client.get('/ext/rate_limit'), own.client.get(at(own)), own.client.get(at(own, '/secrets/TOKEN')), stranger.get('/api/v1/issues'),
    ].map(async (answer) => verdict(await answer)));
    const all = (answer: string) => Array.from({ length: 7 }, () => answer);
    expect(await told()).toEqual(all('200'));
    await kill(own);
    expect(await told()).toEqual(all('401 token_revoked'));
    expect(verdict(await elsewhere.client.get('/issues'))).toBe('200');
    await undo(own);
    expect(await told()).toEqual(all(revives ? '200' : '401 token_revoked'));
  });

  it('but not for whoever installed it: it outlives their membership', async () => {
    const second = await world.member(admin, 'admin');
    const own = await installed(world, second, projectId);
    await admin.client.delete(`/users/${second.id}`);
    expect([verdict(await second.client.get(at(own))), verdict(await own.client.get('/issues'))]).toEqual(['401 token_revoked', '200']);
  });
});

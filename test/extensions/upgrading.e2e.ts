import { recorded } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import type { Answer, Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';
import { installed, type Installed, manifest, project } from './installation.js';

const EXTENSIONS = '/extensions';

let world: World;
let admin: Person;
let projectId: number;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
  ({ id: projectId } = await project(admin));
});
afterAll(async () => {
  await world.stop();
});

const at = ({ id }: Pick<Installed, 'id'>) => `${EXTENSIONS}/${id}`;
const upgrade = async (own: Pick<Installed, 'id'>, body: object, { client }: { client: Client } = admin) => client.patch(at(own), { extension: body });
const shown = async (own: Pick<Installed, 'id'>) => (await admin.client.get(at(own))).body;
const scopes = async ({ client }: Pick<Installed, 'client'>) => (await client.get('/me')).body.scopes as string[];
const to = (version: string, permissions: string[], facts: object = {}) => manifest({ version, permissions, ...facts });

/** All that is stored of it, its keys and stand-in included, but for when a key was used and when it changed. */
async function stored({ id }: Pick<Installed, 'id'>) {
  const [row] = await world.database.sql<Record<string, unknown>>(
    `SELECT to_jsonb(e) - 'updated_at' AS extension, to_jsonb(u) AS stand_in, (SELECT jsonb_agg(to_jsonb(k) - 'last_used_at' ORDER BY digest) FROM extension_keys k WHERE k.installation_id = e.id) AS keys
     FROM extensions e JOIN users u ON u.id = e.service_user_id WHERE e.id = $1`,
    [id],
  );
  return row as { extension: Record<string, unknown>; stand_in: object; keys: object[] };
}

/** The scopes that a refused upgrade names, in order. */
async function refused(answer: Answer): Promise<string[]> {
  const { status, body } = answer;
  expect([status, body.error]).toEqual([422, 'permissions_not_accepted']);
  const { details, errors } = body as { details: { field: string; code: string; message: string }[]; errors: Record<string, string[]> };
  expect(details.map(({ field, code }) => `${field}:${code}`)).toEqual(details.map(() => 'accept_permissions:not_accepted'));
  expect(errors).toEqual({ accept_permissions: details.map(({ message }) => message) });
  return details.map(({ message }) => /\b(issues|projects|comments|workflows|users|notifications)(:read|:write)?/.exec(message)?.[0] ?? message);
}

describe('an upgrade that asks for nothing more', () => {
  it.each<[string, string[]]>([['the same', ['issues', 'comments']], ['the same in other words', ['read:comments', 'comments:write', 'issues']], ['less', ['issues:read']], ['nothing', []]])('but %s is taken over whole, without consent', async (_, permissions) => {
    const own = await installed(world, admin, projectId);
    const before = await shown(own);
    const newer = { ...to('2.0.0', permissions, { name: 'Sync 2' }), homepage: 'https://example.com' };
    const { status, body } = await upgrade(own, { manifest: newer });
    const kept = permissions.length > 1 ? ['issues', 'comments'] : permissions;
    expect([status, body]).toEqual([200, { ...before, name: 'Sync 2', version: '2.0.0', permissions: kept }]);
    expect(await shown(own)).toEqual(body);
    expect((await stored(own)).extension).toMatchObject({ manifest: newer, pending_manifest: null });
    expect([await scopes(own), (await own.client.get('/me')).body.name]).toEqual([kept, 'Sync 2']);
  });

  it('takes away what it no longer asks for at the very next request, with the same key, at every instance', async () => {
    const own = await installed(world, admin, projectId);
    const other = await world.anotherInstance();
    const there = own.client.at(`${other.base}/api/v1`);
    const verdicts = async () => Promise.all([own.client, there].flatMap((client) => [client.get('/issues'), client.post('/issues', {}), client.get('/issues/999999/comments')]).map(async (answer) => verdict(await answer)));
    expect(await verdicts()).toEqual(['200', '422 validation_error', '404 not_found', '200', '422 validation_error', '404 not_found']);
    await upgrade(own, { manifest: to('2', ['issues:read']) });
    expect(await verdicts()).toEqual(['200', '403 insufficient_scope', '403 insufficient_scope', '200', '403 insufficient_scope', '403 insufficient_scope']);
  });

  it('needs consent for what shrank before and grows again', async () => {
    const own = await installed(world, admin, projectId);
    await upgrade(own, { manifest: to('2', ['issues:read']) });
    expect(await refused(await upgrade(own, { manifest: to('3', ['issues', 'comments']) }))).toEqual(['issues:write', 'comments']);
    expect(await scopes(own)).toEqual(['issues:read']);
    expect((await upgrade(own, { manifest: to('3', ['issues', 'comments']), accept_permissions: true })).body.permissions).toEqual(['issues', 'comments']);
  });
});

describe('an upgrade that asks for more', () => {
  const newer = to('2.0.0', ['issues:read', 'comments', 'projects:read', 'users:read'], { name: 'Sync 2' });

  it.each<[string, object]>([
    ['without consent', {}], ['with none', { accept_permissions: false }], ['with null', { accept_permissions: null }], ['with an empty list', { accept_permissions: [] }], ['with consent to something else', { accept_permissions: ['issues', 'workflows', 'users:write'] }],
  ])('%s is refused by name; what shrank is gone, what grew waits, and all else stays', async (_, consent) => {
    const own = await installed(world, admin, projectId);
    const [before, rows] = [await shown(own), await stored(own)];
    const answer = await upgrade(own, { manifest: newer, ...consent });
    expect(await refused(answer)).toEqual(['projects:read', 'users:read']);
    const after = { ...before, permissions: ['issues:read', 'comments'], pending_permissions: ['projects:read', 'users:read'] };
    expect({ ...(await shown(own)), api_key_last_used_at: null }).toEqual(after);
    expect(await stored(own)).toEqual({ ...rows, extension: { ...rows.extension, permissions: ['issues:read', 'comments'], pending_permissions: ['projects:read', 'users:read'], pending_manifest: newer } });
    expect([await scopes(own), (await own.client.get('/me')).body.name]).toEqual([['issues:read', 'comments'], 'Sync']);
    expect([verdict(await own.client.get('/issues')), verdict(await own.client.post('/issues', {})), verdict(await own.client.get('/projects')), verdict(await own.client.get('/users'))]).toEqual([
      '200', '403 insufficient_scope', '403 insufficient_scope', '403 insufficient_scope',
    ]);
  });

  it.each<[string, unknown]>([
    ['all', true], ['each by its name', ['users:read', 'projects:read']], ['each in the other spelling', ['read:users', 'read:projects']], ['more than grew', ['users', 'projects', 'workflows', 'issues']],
  ])('and is accepted in %s, is taken over whole', async (_, consent) => {
    const own = await installed(world, admin, projectId);
    const before = await shown(own);
    const { status, body } = await upgrade(own, { manifest: newer, accept_permissions: consent });
    const asked = ['issues:read', 'projects:read', 'comments', 'users:read'];
    expect([status, body]).toEqual([200, { ...before, name: 'Sync 2', version: '2.0.0', permissions: asked }]);
    expect(await scopes(own)).toEqual(asked);
    expect([verdict(await own.client.get('/projects')), verdict(await own.client.post('/issues', {}))]).toEqual(['200', '403 insufficient_scope']);
  });

  it('and is accepted in part is refused for the rest, and opens none of it', async () => {
    const own = await installed(world, admin, projectId);
    for (const [consent, missing] of [[['projects:read'], ['users:read']], [['users:read', 'projects:write'], ['projects:read']]] as const) {
      expect(await refused(await upgrade(own, { manifest: newer, accept_permissions: consent }))).toEqual(missing);
      expect(await shown(own)).toMatchObject({ version: '1.0.0', permissions: ['issues:read', 'comments'], pending_permissions: ['projects:read', 'users:read'] });
      expect(await scopes(own)).toEqual(['issues:read', 'comments']);
    }
  });

  it('by half of what it has, waits for that half alone', async () => {
    const own = await installed(world, admin, projectId, { permissions: ['issues:read'] });
    expect(await refused(await upgrade(own, { manifest: to('2', ['issues']) }))).toEqual(['issues:write']);
    expect(await refused(await upgrade(own, { accept_permissions: ['issues:read'] }))).toEqual(['issues:write']);
    expect((await upgrade(own, { accept_permissions: ['issues:write'] })).body).toMatchObject({ version: '2', permissions: ['issues'], pending_permissions: [] });
  });
});

describe('consent without a manifest', () => {
  const waiting = to('2.0.0', ['issues:read', 'projects:read', 'users:read'], { name: 'Sync 2' });
  const withWaiting = async () => {
    const own = await installed(world, admin, projectId);
    await upgrade(own, { manifest: waiting });
    return own;
  };

  it('takes over the manifest that waits, name and version included', async () => {
    for (const consent of [true, ['users:read', 'projects:read']]) {
      const own = await withWaiting();
      const { status, body } = await upgrade(own, { accept_permissions: consent });
      expect([status, body]).toEqual([200, expect.objectContaining({ name: 'Sync 2', version: '2.0.0', permissions: ['issues:read', 'projects:read', 'users:read'], pending_permissions: [] })]);
      expect((await stored(own)).extension).toMatchObject({ manifest: waiting, pending_manifest: null });
      expect([await scopes(own), (await own.client.get('/me')).body.name]).toEqual([['issues:read', 'projects:read', 'users:read'], 'Sync 2']);
      await admin.client.delete(at(own));
    }
  });

  it('to a part leaves it waiting', async () => {
    const own = await withWaiting();
    expect(await refused(await upgrade(own, { accept_permissions: ['users:read'] }))).toEqual(['projects:read']);
    expect(await shown(own)).toMatchObject({ version: '1.0.0', permissions: ['issues:read'], pending_permissions: ['projects:read', 'users:read'] });
  });

  it('is consent to the last manifest that waits, and to no earlier one', async () => {
    const own = await withWaiting();
    await upgrade(own, { manifest: to('3.0.0', ['issues:read', 'workflows']) });
    expect(await shown(own)).toMatchObject({ permissions: ['issues:read'], pending_permissions: ['workflows'] });
    expect((await upgrade(own, { accept_permissions: true })).body).toMatchObject({ version: '3.0.0', permissions: ['issues:read', 'workflows'] });
  });

  it('finds nothing that waits once it was accepted, or once a manifest came that asks for nothing more', async () => {
    const [own, other] = [await withWaiting(), await installed(world, admin, projectId, { id: 'com.example.other' })];
    await upgrade(own, { manifest: to('3.0.0', []) });
    expect(await shown(own)).toMatchObject({ version: '3.0.0', permissions: [], pending_permissions: [] });
    for (const one of [own, other]) {
      const before = await stored(one);
      for (const body of [{ accept_permissions: true }, { accept_permissions: ['issues'] }, {}]) expect(faults(await upgrade(one, body))).toBe('422 manifest:blank');
      expect(await stored(one)).toEqual(before);
    }
  });

  it.each<[string, unknown, string]>([
    ['a text', 'true', 'not_a_list'], ['one', 1, 'not_a_list'], ['an object', { all: true }, 'not_a_list'], ['an unknown name', ['fly'], 'unknown_scope'], ['a star', ['*'], 'unknown_scope'], ['a number in a list', [1], 'not_a_string'], ['true in a list', [true], 'not_a_string'],
    ['a thousand names', Array.from({ length: 1_000 }, () => 'users:read'), 'too_many'],
  ])('is not %s', async (_, consent, code) => {
    const own = await withWaiting();
    const before = await stored(own);
    expect(faults(await upgrade(own, { accept_permissions: consent }))).toBe(`422 accept_permissions:${code}`);
    expect(faults(await upgrade(own, { manifest: to('9', []), accept_permissions: consent }))).toBe(`422 accept_permissions:${code}`);
    expect(await stored(own)).toEqual(before);
  });
});

describe('a manifest that is not its own', () => {
  it.each<[string, object, string]>([
    ['of another id', to('2', ['issues:read'], { id: 'com.example.other' }), '422 manifest.extension.id:mismatch'],
    ['of an id in another case', to('2', ['issues:read'], { id: 'Com.Example.Sync' }), '422 manifest.extension.id:mismatch'],
    ['of another id that asks for more', to('2', ['issues', 'projects'], { id: 'com.example.other' }), '422 manifest.extension.id:mismatch'],
    ['that is faulty', { ...to('2', ['admin']), model_version: '9' }, '422 manifest.model_version:not_in_list manifest.extension.permissions.0:not_in_list'],
  ])('%s is refused, and nothing is stored of it', async (_, newer, refusal) => {
    const own = await installed(world, admin, projectId);
    const before = await stored(own);
    const lines = await recorded(world, async () => {
      for (const consent of [{}, { accept_permissions: true }]) expect(faults(await upgrade(own, { manifest: newer, ...consent }))).toBe(refusal);
    });
    expect([await stored(own), lines]).toEqual([before, []]);
    expect(await scopes(own)).toEqual(['issues', 'comments']);
  });
});

describe('an upgrade', () => {
  it('changes nothing but what its manifest says', async () => {
    const own = await installed(world, admin, projectId);
    const { id: elsewhere } = await project(admin, { project_key: 'ELSE' });
    const before = await shown(own);
    const forged = { id: 1, project_id: elsewhere, organization_id: 1, permissions: ['projects'], pending_permissions: [], api_key: 'x', status: 'x', version: '9', name: 'Forged', extension_id: 'forged' };
    expect((await upgrade(own, { ...forged, manifest: to('2', ['issues', 'comments']) })).body).toEqual({ ...before, version: '2' });
    expect(await scopes(own)).toEqual(['issues', 'comments']);
  });

  it('may be a step back, and is one like any other', async () => {
    const own = await installed(world, admin, projectId, { version: '2.0.0' });
    expect((await upgrade(own, { manifest: to('1.0.0', ['issues', 'comments']) })).body.version).toBe('1.0.0');
  });

  it('leaves its keys and secrets as they are, also one in its grace', async () => {
    const own = await installed(world, admin, projectId);
    const { body } = await admin.client.post(`${at(own)}/secrets/api_key/rotate`, { grace_period_seconds: 600 });
    await admin.client.post(`${at(own)}/secrets/TOKEN`, { value: 'kept' });
    const { keys } = await stored(own);
    await upgrade(own, { manifest: to('2', ['projects']) });
    await upgrade(own, { accept_permissions: true });
    expect((await stored(own)).keys).toEqual(keys);
    const clients = [own.client, world.bearer(body.api_key)];
    expect(await Promise.all(clients.map(async (client) => [verdict(await client.get('/projects')), verdict(await client.get('/issues')), (await client.get(`${at(own)}/secrets/TOKEN`)).body.value]))).toEqual(clients.map(() => ['200', '403 insufficient_scope', 'kept']));
  });

  it('of one installation changes no other of the same extension', async () => {
    const { id: elsewhere } = await project(admin, { project_key: 'ELSE' });
    const [own, other] = [await installed(world, admin, projectId), await installed(world, admin, elsewhere)];
    const before = await stored(other);
    await upgrade(own, { manifest: to('2', ['projects'], { name: 'Sync 2' }), accept_permissions: true });
    await upgrade(own, { manifest: to('3', ['workflows']) });
    expect(await stored(other)).toEqual(before);
  });

  it('beside others is one after the other: what is shown is what one of them left, and no more', async () => {
    const own = await installed(world, admin, projectId, { permissions: [] });
    const choices = [['issues'], ['projects'], ['comments'], ['workflows'], ['users:read']];
    const lines = await recorded(world, async () => {
      const answers = await Promise.all(choices.flatMap((permissions, index) => [upgrade(own, { manifest: to(`${index}`, permissions), accept_permissions: true }), upgrade(own, { manifest: to(`${index}`, permissions), accept_permissions: true })]));
      expect(answers.map(verdict)).toEqual(answers.map(() => '200'));
    });
    const { version, permissions } = await shown(own);
    expect([permissions, lines.length]).toEqual([choices[Number(version)], 10]);
    expect(await scopes(own)).toEqual(permissions);
  });

  it('that is accepted while another is held back gives what was accepted for the one that won, whichever comes first', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const own = await installed(world, admin, projectId, { id: `com.example.t${turn}`, permissions: ['issues'] });
      const facts = { id: `com.example.t${turn}` };
      await upgrade(own, { manifest: to('2', ['issues', 'comments'], facts) });
      const [accepted, held] = await Promise.all([upgrade(own, { accept_permissions: ['comments'] }), upgrade(own, { manifest: to('3', ['issues', 'projects'], facts) })]);
      expect(verdict(held)).toBe('422 permissions_not_accepted');
      expect(['200', '422 permissions_not_accepted']).toContain(verdict(accepted));
      // The third manifest asks for no comments: whether they came before it or not, they are gone, and what it asks for waits.
      expect([await shown(own), await scopes(own)]).toEqual([expect.objectContaining({ version: accepted.status === 200 ? '2' : '1.0.0', permissions: ['issues'], pending_permissions: ['projects'] }), ['issues']]);
    }
  });

  it('beside an uninstallation leaves nothing that works', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const own = await installed(world, admin, projectId);
      const [upgraded, ended] = await Promise.all([upgrade(own, { manifest: to('2', ['projects']), accept_permissions: true }), admin.client.delete(at(own))]);
      expect([['200', '404 not_found'].includes(verdict(upgraded)), verdict(ended), verdict(await own.client.get('/me'))]).toEqual([true, '204', '401 token_revoked']);
    }
  });
});

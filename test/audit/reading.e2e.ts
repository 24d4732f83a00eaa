import { installed, project } from '../extensions/installation.js';
import { application, accessToken } from '../oauth/application.js';
import type { Answer } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { eventually } from './trail.js';
import { recomputedHash, type SealedEntry } from './recomputed-hash.js';

let world: World;
let admin: Person;
let member: Person;
let stranger: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ name: 'Jan Novak', organization: 'Acme' });
  member = await world.member(admin);
  stranger = await world.register({ name: 'Stranger' });
});
afterAll(async () => {
  await world.stop();
});

interface Shown {
  readonly id: number;
  readonly occurred_at: string;
  readonly action: string;
  readonly actor: { type: string; id: number | null; name: string | null };
  readonly target: { type: string; id: number | null; name: string | null };
  readonly previous_hash: string;
  readonly hash: string;
}

const events = async (query = '', by = admin): Promise<Shown[]> => {
  const answer = await by.client.get(`/audit_events?per_page=100${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.data as Shown[];
};
const lines = async (path: string, by = admin): Promise<string[]> => {
  const { status, body } = await by.client.get(path);
  expect(status).toBe(200);
  return (body as string).trimEnd().split('\n');
};

describe('the list', () => {
  it('shows an event whole, with the names that its ids have today', async () => {
    const { id, token } = await world.token(admin, { name: 'CI' });
    const [event] = await events('&action=workspace_token.issued');
    expect(event).toEqual({
      id: expect.any(Number),
      occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      actor: { type: 'user', id: admin.id, name: 'Jan Novak' },
      action: 'workspace_token.issued',
      target: { type: 'workspace_token', id, name: 'CI' },
      ip: '127.0.0.1',
      user_agent: expect.any(String),
      request_id: expect.any(String),
      metadata: expect.any(Object),
      previous_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(await events())).not.toContain(token);
    await admin.client.patch(`/workspace_api_tokens/${id}`, { workspace_api_token: { name: 'Deploy' } });
    expect((await events('&action=workspace_token.issued'))[0]?.target.name).toBe('Deploy');
  });

  it('is newest first, in pages, and each event’s hash follows the one before', async () => {
    const all = await events('&action=workspace_token.');
    expect(all.length).toBeGreaterThanOrEqual(2);
    const own = (await events()).filter(({ action }) => !/^login\.|^password\.reset/.test(action));
    own.slice(0, -1).forEach((event, index) => expect(event.previous_hash).toBe(own[index + 1]?.hash));
    expect(own.at(-1)?.previous_hash).toBe('0'.repeat(64));
    const first = await admin.client.get('/audit_events?per_page=2');
    const second = await admin.client.get('/audit_events?per_page=2&page=2');
    expect([...first.body.data, ...second.body.data]).toEqual((await events()).slice(0, 4));
    expect(first.body.meta).toEqual({ current_page: 1, per_page: 2, total_pages: expect.any(Number), total_count: (await events()).length });
  });

  it('is filtered by actor, target, action, noun and time', async () => {
    const all = await events();
    const fits = async (query: string, test: (event: Shown) => boolean) => {
      const expected = all.filter(test);
      expect([query, expected.length > 0, expected.length < all.length]).toEqual([query, true, true]);
      expect((await events(query)).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    };
    await fits(`&actor=user:${member.id}`, ({ actor }) => actor.type === 'user' && actor.id === member.id);
    await fits(`&target=user:${admin.id}`, ({ target }) => target.type === 'user' && target.id === admin.id);
    await fits('&action=workspace_token.issued', ({ action }) => action === 'workspace_token.issued');
    await fits('&action=workspace_token.', ({ action }) => action.startsWith('workspace_token.'));
    const middle = all[Math.floor(all.length / 2)]?.occurred_at ?? '';
    await fits(`&from=${middle}`, ({ occurred_at }) => occurred_at >= middle);
    await fits(`&to=${middle}`, ({ occurred_at }) => occurred_at < middle);
    expect(await events('&action=workspace_token._')).toEqual([]);
  });

  it.each(['actor=7', 'actor=user:', 'actor=user:abc', 'actor=user:007', 'actor=user:-7', "actor=user:7'--", 'target=workspace_token:0x2a', 'target=session:18446744073709551616', 'target=%3B', 'action=workspace', 'action=%25', 'from=yesterday', 'to=2026-02-31', 'cursor=x'])('refuses %s', async (query) => {
    for (const path of ['audit_events', 'audit_events.ndjson', 'audit_events.csv']) {
      if (query === 'cursor=x' && path !== 'audit_events') continue;
      expect([path, (await admin.client.get(`/${path}?${query}`)).body.error]).toEqual([path, 'validation_error']);
    }
  });
});

describe('what an organization is shown of the identities', () => {
  const fail = async (email: string) => world.visitor.post('/auth/login', { email, password: 'Wrong456!' });
  const failures = async (by: Person) => (await events('&action=login.failed', by)).map(({ target }) => target.id);

  it('is failures and resets of its members on its product, while they are members; and of nobody else', async () => {
    const guest = await world.register();
    await fail(guest.email);
    const pending = await admin.client.post('/users', { user: { email: guest.email, name: 'Guest', role: 'member' } });
    await fail(guest.email);
    await fail(member.email);
    await fail(stranger.email);
    await fail(world.freshEmail());
    await world.visitor.post('/auth/forgot_password', { email: member.email });
    expect(await failures(admin)).toEqual([member.id]);
    expect(await failures(stranger)).toEqual([stranger.id]);
    // The reset is asked for behind the answer, which tells nobody by its time whether an account exists.
    await eventually(async () => (await events('&action=password.')).length > 0);
    expect((await events('&action=password.'))[0]).toMatchObject({ action: 'password.reset_requested', target: { id: member.id, name: 'Eva Malá' } });

    // Of somebody who was only invited not even the name is told: only what the inviter typed.
    expect((await events('&action=user.invited'))[0]?.target).toEqual({ type: 'user', id: pending.body.id, name: 'Guest' });

    const leaver = await world.member(admin);
    await fail(leaver.email);
    await admin.client.delete(`/users/${leaver.id}`);
    await fail(leaver.email);
    expect(await failures(admin)).toEqual([leaver.id, member.id]);
  });

  it('stands on a chain of the product’s own, beside which the organization’s is whole', async () => {
    const { body } = await admin.client.get('/audit_events/verify');
    const chain = await world.database.sql<{ hash: string }>('SELECT hash FROM audit_seals WHERE chain = $1 ORDER BY chain_position', [`organization:${admin.organizationId}`]);
    expect(body).toEqual({ valid: true, events: chain.length, head: chain.at(-1)?.hash });
  });
});

describe('who may read', () => {
  const PATHS = ['audit_events', 'audit_events/verify', 'audit_events.ndjson', 'audit_events.csv', 'audit_checkpoints'];
  const verdicts = async (get: (path: string) => Promise<Answer>) => [...new Set(await Promise.all(PATHS.map(async (path) => {
    const { status, body } = await get(`/${path}`);
    return status === 200 ? '200' : `${status} ${(typeof body === 'string' ? JSON.parse(body) : body).error}`;
  })))];

  it('is an admin, and machines with the scope admin', async () => {
    const viewer = await world.member(admin, 'viewer');
    const full = await world.token(admin);
    const administration = await world.token(admin, { scopes: ['admin'] });
    const narrow = await world.token(admin, { scopes: ['issues', 'users'] });
    const machine = await accessToken(world, await application(admin, { scopes: ['admin'] }));
    const other = await accessToken(world, await application(admin, { scopes: ['issues'] }));
    expect(await verdicts(admin.client.get)).toEqual(['200']);
    expect(await verdicts(full.client.get)).toEqual(['200']);
    expect(await verdicts(administration.client.get)).toEqual(['200']);
    expect(await verdicts(machine.client.get)).toEqual(['200']);
    expect(await verdicts(member.client.get)).toEqual(['403 forbidden']);
    expect(await verdicts(viewer.client.get)).toEqual(['403 forbidden']);
    expect(await verdicts(narrow.client.get)).toEqual(['403 insufficient_scope']);
    expect(await verdicts(other.client.get)).toEqual(['403 insufficient_scope']);
    expect(await verdicts(world.visitor.get)).toEqual(['401 authorization_required']);
  });

  it('sees nothing of another organization, by whatever filter or form', async () => {
    const theirs = await world.database.sql<{ id: string }>('SELECT id FROM audit_entries WHERE chain = $1', [`organization:${stranger.organizationId}`]);
    expect(theirs.length).toBeGreaterThan(0);
    const ids = new Set(theirs.map(({ id }) => Number(id)));
    for (const query of ['', `&actor=user:${stranger.id}`, `&target=user:${stranger.id}`]) {
      expect((await events(query)).filter(({ id }) => ids.has(id))).toEqual([]);
      expect((await lines(`/audit_events.ndjson?x=${query}`)).filter((line) => line !== '' && ids.has(JSON.parse(line).id))).toEqual([]);
    }
  });

  it('is told no name of another organization’s, whatever its own trail refers to', async () => {
    const [own, theirs] = [await world.register(), await world.register()];
    const { id: projectId } = await project(theirs);
    const foreign = [['user', theirs.id], ['workspace_token', (await world.token(theirs)).id], ['oauth_application', (await application(theirs)).id], ['extension', (await installed(world, theirs, projectId)).id], ['organization', theirs.organizationId]];
    for (const [type, id] of foreign) {
      await world.database.sql(
        `WITH e AS (INSERT INTO audit_entries (chain, occurred_at, actor_type, actor_id, action, target_type, target_id, metadata) VALUES ($1, now(), $2, $3, 'settings.changed', $2, $3, '{}') RETURNING id)
         INSERT INTO audit_pending (entry_id) SELECT id FROM e`,
        [`organization:${own.organizationId}`, type, String(id)],
      );
    }
    const said = (await events('&action=settings.changed', own)).reverse();
    expect(said.map(({ actor, target }) => [actor, target])).toEqual(foreign.map(([type, id]) => [{ type, id, name: null }, { type, id, name: null }]));
  });

  it('a lapsed subscription may still read', async () => {
    const lapsed = await world.register();
    await world.database.sql(`UPDATE subscriptions SET trial_ends_at = now() - interval '1 day' WHERE organization_id = $1`, [lapsed.organizationId]);
    expect((await lapsed.client.get('/issues')).body.error).toBe('subscription_inactive');
    expect(await verdicts(lapsed.client.get)).toEqual(['200']);
  });
});

describe('exports', () => {
  it('are all that the list shows, oldest first, and each line holds what its hash covers', async () => {
    const all = await events();
    const exported = (await lines('/audit_events.ndjson')).map((line) => JSON.parse(line) as Shown & { chain: string; chain_position: number });
    expect(exported.map(({ chain: _, chain_position: __, ...event }) => event)).toEqual(all.reverse());
    for (const { actor, target, occurred_at, ...event } of exported) {
      const text = (id: number | null) => (id === null ? null : String(id));
      const entry = { ...event, occurred_at: new Date(occurred_at), actor_type: actor.type, actor_id: text(actor.id), target_type: target.type, target_id: text(target.id) };
      expect(recomputedHash(entry as unknown as SealedEntry)).toBe(event.hash);
    }
    expect(await lines('/audit_events.ndjson?action=login.failed')).toHaveLength((await events('&action=login.failed')).length);
  });

  it('as CSV: a header, one record an event, cells quoted and safe from formulas', async () => {
    const person = await world.register({ organization: '=1+1', name: '@SUM("a",1)' });
    const sly = person.client.with({ 'user-agent': '=HYPERLINK("http://evil")' });
    await sly.put('/auth/me', { locale: 'de' });
    for (const name of ['+1', '-1, and', "'quoted'"]) await sly.post('/workspace_api_tokens', { workspace_api_token: { name, scopes: ['issues'] } });
    const answer = await person.client.get('/audit_events.csv');
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit_events.csv"');
    const records = (answer.body as string).split('\r\n');
    expect(records[0]).toBe('id,occurred_at,actor_type,actor_id,actor_name,action,target_type,target_id,target_name,ip,user_agent,request_id,metadata,previous_hash,hash,chain,chain_position');
    expect(records).toHaveLength(1 + (await events('', person)).length + 1);
    const issued = records.filter((record) => record.includes('workspace_token.issued'));
    expect(issued.map((record) => /,workspace_token,\d+,(.*?),127/.exec(record)?.[1])).toEqual([`'+1`, `"'-1, and"`, `'quoted'`]);
    for (const record of issued) {
      expect(record).toContain(`,"'@SUM(""a"",1)",`);
      expect(record).toContain(`,"'=HYPERLINK(""http://evil"")",`);
      expect(record).toMatch(/,"\{""scopes"":/);
    }
  });

  it('answer HEAD with their headers alone, and a refusal as any other route', async () => {
    const { status, body, headers } = await admin.client.send('HEAD', '/audit_events.ndjson');
    expect([status, body, headers.get('content-type')]).toEqual([200, '', 'application/x-ndjson; charset=utf-8']);
    expect((await admin.client.post('/audit_events.csv')).status).toBe(405);
    expect((await world.login(admin.email, PASSWORD)).id).toBe(admin.id);
  });
});

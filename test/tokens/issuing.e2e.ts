import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SCOPES } from '#domain';
import { recorded, sessionOf } from '../audit/trail.js';
import { COMMANDS } from '../documentation/commands.js';
import { pasted } from '../documentation/pasted.js';
import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

const FIELDS = [
  'id', 'name', 'scopes', 'full_access', 'token_prefix', 'status', 'expires_at', 'created_at', 'last_used_at', 'last_used_ip', 'revoked_at', 'owner',
];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** The one part of the sample that time has overtaken. */
const SAMPLE_END = '2025-01-31T23:59:00Z';
const END = '2099-01-31T23:59:00Z';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ name: 'Avery' });
});
afterAll(async () => {
  await world.stop();
});

const issue = async (token: object, { client }: Pick<Person, 'client'> = admin) => client.post('/workspace_api_tokens', { workspace_api_token: token });
const stored = async () => world.database.sql('SELECT to_jsonb(t) FROM workspace_tokens t UNION ALL SELECT to_jsonb(s) FROM workspace_token_secrets s ORDER BY 1');
const onChain = (person: Person) => `organization:${person.organizationId}`;

describe('the documentation’s command', () => {
  const run = async (credential: string) => pasted(world, COMMANDS.issueToken, { '<session_or_token>': credential, [SAMPLE_END]: END });

  it('issues a token as printed, by a session and by a token, with the sample’s fields and the others', async () => {
    for (const credential of [admin.accessToken, (await world.token(admin)).token]) {
      const { status, body } = await run(credential);
      expect([status, Object.keys(body).sort()]).toEqual([201, [...FIELDS, 'token'].sort()]);
      expect(body).toEqual({
        id: expect.any(Number),
        name: 'CLI – laptop',
        scopes: ['issues:read', 'projects'],
        full_access: false,
        token: expect.stringMatching(/^wksp_[0-9a-f]{48}$/),
        token_prefix: body.token.slice(0, 13),
        status: 'active',
        expires_at: '2099-01-31T23:59:00.000Z',
        created_at: expect.stringMatching(TIME),
        last_used_at: null,
        last_used_ip: null,
        revoked_at: null,
        owner: { id: admin.id, name: 'Avery' },
      });
      const client = world.bearer(body.token);
      expect([verdict(await client.get('/issues')), verdict(await client.get('/projects')), verdict(await client.get('/users'))]).toEqual(['200', '200', '403 insufficient_scope']);
    }
  });

  it('as printed long ago is refused for its date alone', async () => {
    const { status, body } = await pasted(world, COMMANDS.issueToken, { '<session_or_token>': admin.accessToken });
    expect([status, body.error, body.details]).toEqual([422, 'validation_error', [{ field: 'expires_at', code: 'not_in_future', message: expect.any(String) }]]);
  });
});

describe('a token', () => {
  it('is its scheme, 40 random hex characters and the CRC-32 of both', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, async () => (await world.token(admin)).token));
    for (const token of tokens) {
      const [, body = '', checksum] = /^(wksp_[0-9a-f]{40})([0-9a-f]{8})$/.exec(token) ?? [];
      expect(checksum).toBe(crc32(body).toString(16).padStart(8, '0'));
    }
    expect(new Set(tokens.map((token) => token.slice(5, 13))).size).toBe(tokens.length);
  });

  it('is stored as the digest that it is looked up by', async () => {
    const { id, token } = await world.token(admin);
    const rows = await world.database.sql<{ digest: Buffer; ends_at: Date | null }>('SELECT digest, ends_at FROM workspace_token_secrets WHERE token_id = $1', [id]);
    expect(rows).toEqual([{ digest: createHash('sha256').update(token).digest(), ends_at: null }]);
  });

  it('is told once: it is shown without its secret, in a list and alone, after it was renamed too', async () => {
    const { id, token } = await world.token(admin);
    const shown = (await admin.client.get(`/workspace_api_tokens/${id}`)).body;
    const { data } = (await admin.client.get('/workspace_api_tokens?per_page=100')).body;
    const renamed = (await admin.client.patch(`/workspace_api_tokens/${id}`, { workspace_api_token: { name: 'Other' } })).body;
    for (const told of [shown, renamed, data.find((one: { id: number }) => one.id === id)]) expect(Object.keys(told).sort()).toEqual([...FIELDS].sort());
    expect(JSON.stringify([shown, data, renamed])).not.toContain(token.slice(13));
    expect([shown.token_prefix, shown.name, renamed.name]).toEqual([token.slice(0, 13), 'CI', 'Other']);
  });

  it.each<[string, (token: object) => object]>([
    ['bare as well as wrapped', (token) => token],
    ['with fields that nobody knows, which are ignored', (token) => ({ workspace_api_token: { ...token, id: 1, owner: { id: 1 }, owner_id: 1, organization_id: 1, full_access: true, token: 'wksp_x', token_prefix: 'x', role: 'admin', status: 'revoked', toString: 1 } })],
  ])('is asked for %s', async (_, form) => {
    const { status, body } = await admin.client.post('/workspace_api_tokens', form({ name: 'CI', scopes: ['issues'] }));
    expect([status, body.name, body.scopes, body.full_access, body.status, body.owner.id]).toEqual([201, 'CI', ['issues'], false, 'active', admin.id]);
    expect((await world.bearer(body.token).get('/me')).body.organization_id).toBe(admin.organizationId);
  });

  it('never expires where its end is left out or null, and ends at the moment that was given, whatever its offset', async () => {
    const ends = [undefined, null, '2099-02-01T00:59:00+01:00', '2099-01-31T23:59:00.000Z', '2099-02-01'];
    const answers = await Promise.all(ends.map(async (expires_at) => issue({ name: 'CI', expires_at })));
    expect(answers.map(({ body }) => body.expires_at)).toEqual([null, null, '2099-01-31T23:59:00.000Z', '2099-01-31T23:59:00.000Z', '2099-02-01T00:00:00.000Z']);
  });

  it('has a name of 1 to 100 characters, trimmed', async () => {
    for (const name of ['x'.repeat(100), '😀'.repeat(100)]) expect((await issue({ name: `  ${name} ` })).body.name).toBe(name);
    const { id } = await world.token(admin);
    expect((await admin.client.patch(`/workspace_api_tokens/${id}`, { name: ' Bare ' })).body.name).toBe('Bare');
  });

  it.each<[object, string]>([
    [{}, '422 name:blank'],
    [{ name: '' }, '422 name:blank'],
    [{ name: ' ' }, '422 name:blank'],
    [{ name: null }, '422 name:blank'],
    [{ name: 'x'.repeat(101) }, '422 name:too_long'],
    [{ name: '😀'.repeat(101) }, '422 name:too_long'],
    [{ name: ['CI'] }, '422 name:not_a_string'],
    [{ name: { $ne: 1 } }, '422 name:not_a_string'],
    [{ name: 'a\nb' }, '422 name:invalid'],
    [{ name: 'CI', expires_at: '2001-01-01T00:00:00Z' }, '422 expires_at:not_in_future'],
    [{ name: 'CI', expires_at: 'tomorrow' }, '422 expires_at:invalid'],
    [{ name: 'CI', expires_at: '2099-02-31' }, '422 expires_at:invalid'],
    [{ name: 'CI', expires_at: '' }, '422 expires_at:invalid'],
    [{ name: 'CI', expires_at: 4_000_000_000 }, '422 expires_at:not_a_string'],
    [{ name: 'CI', expires_at: ['2099-01-31'] }, '422 expires_at:not_a_string'],
    [{ name: 7, expires_at: 7, scopes: 7 }, '422 name:not_a_string scopes:not_a_list expires_at:not_a_string'],
  ])('is refused as %j, and nothing is written', async (token, refusal) => {
    const before = await stored();
    expect(faults(await issue(token))).toBe(refusal);
    expect(await stored()).toEqual(before);
  });
});

describe('an act on a token is recorded', () => {
  it('once, with the person who did it', async () => {
    let id = 0;
    const at = '/workspace_api_tokens';
    const acts = async (): Promise<void> => {
      id = (await issue({ name: 'CI', scopes: ['issues:read', 'admin'], expires_at: END })).body.id as number;
      await admin.client.patch(`${at}/${id}`, { name: 'Other' });
      await admin.client.post(`${at}/${id}/rotate`, { grace_period_seconds: 60 });
      await admin.client.delete(`${at}/${id}`);
    };
    const lines = await recorded(world, acts);
    expect(lines).toEqual(['issued', 'renamed', 'rotated', 'revoked'].map((act) => `${onChain(admin)} user:${admin.id} workspace_token.${act} workspace_token:${id}`));
    const metadata = await world.database.sql('SELECT metadata FROM audit_entries WHERE target_type = $1 AND target_id = $2 ORDER BY id', ['workspace_token', String(id)]);
    expect(metadata.map(({ metadata: of }) => of as object)).toEqual([
      { scopes: ['issues:read', 'admin'], full_access: false, expires_at: '2099-01-31T23:59:00.000Z' }, {}, { grace_period_seconds: 60 }, {},
    ]);
  });

  it('with the token that did it', async () => {
    const by = await world.token(admin);
    let id = 0;
    const lines = await recorded(world, async () => {
      id = (await issue({ name: 'CI' }, by)).body.id as number;
      await by.client.patch(`/workspace_api_tokens/${id}`, { name: 'Other' });
      await by.client.post(`/workspace_api_tokens/${id}/rotate`);
      await by.client.delete(`/workspace_api_tokens/${id}`);
    });
    expect(lines).toEqual(['issued', 'renamed', 'rotated', 'revoked'].map((act) => `${onChain(admin)} workspace_token:${by.id} workspace_token.${act} workspace_token:${id}`));
  });

  it('not where nothing happened: looking, a refusal, a repetition', async () => {
    const { id } = await world.token(admin);
    const member = await world.member(admin);
    await admin.client.delete(`/workspace_api_tokens/${id}`);
    const one = `/workspace_api_tokens/${id}`;
    let answers: string[] = [];
    const lines = await recorded(world, async () => {
      answers = [
        await admin.client.get('/workspace_api_tokens'),
        await admin.client.get(one),
        await admin.client.patch(one, { name: 'CI' }),
        await admin.client.patch(one, {}),
        await admin.client.delete(one),
        await admin.client.patch(one, { name: '' }),
        await admin.client.post(`${one}/rotate`),
        await admin.client.post(`${one}/rotate`, { grace_period_seconds: -1 }),
        await issue({ name: 'CI', scopes: ['everything'] }),
        await issue({ name: 'CI' }, member),
        await member.client.delete(one),
        await admin.client.delete('/workspace_api_tokens/999999'),
        await admin.client.patch('/workspace_api_tokens/999999', { name: 'CI' }),
        await admin.client.post('/workspace_api_tokens/999999/rotate'),
      ].map(verdict);
    });
    expect(answers).toEqual([
      '200', '200', '200', '200', '204', '422 validation_error', '409 conflict', '422 validation_error', '422 unknown_scope', '403 forbidden', '403 forbidden',
      '404 not_found', '404 not_found', '404 not_found',
    ]);
    expect(lines).toEqual([]);
  });
});

describe('who asks whose credential this is', () => {
  const slug = async () => (await admin.client.get('/auth/me')).body.organization;
  const person = async () => {
    const { id, name, slug: own } = await slug();
    return { id: admin.id, name: 'Avery', email: admin.email, role: 'admin', organization_id: id, organization: { id, name, slug: own } };
  };

  it('is told of a session', async () => {
    const { body } = await admin.client.get('/me');
    expect(body).toEqual({
      ...(await person()),
      scopes: ['issues', 'projects', 'comments', 'workflows', 'users', 'notifications', 'admin'],
      credential: { type: 'session', id: sessionOf(admin.accessToken), token_prefix: null, expires_at: expect.stringMatching(TIME) },
    });
    expect(Math.abs(Date.parse(body.credential.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  it('is told of a token, its owner, and what it opens now: the grant narrowed by the plan', async () => {
    const { id, token, client } = await world.token(admin, { scopes: ['read:issues', 'analytics', 'admin'], expires_at: END });
    expect((await client.get('/me')).body).toEqual({
      ...(await person()),
      scopes: ['issues:read', 'admin'],
      credential: { type: 'workspace_token', id, token_prefix: token.slice(0, 13), expires_at: '2099-01-31T23:59:00.000Z' },
    });
  });

  it('is told of a full-access token what its owner reaches', async () => {
    const { client } = await world.token(admin);
    const { scopes, credential } = (await client.get('/me')).body;
    expect([scopes, credential.expires_at]).toEqual([(await admin.client.get('/me')).body.scopes, null]);
  });
});

it('the catalogue tells every scope in three languages, to any credential', async () => {
  const { client } = await world.token(admin, { scopes: ['issues:read'] });
  const told: string[][] = [];
  for (const locale of ['cs', 'de', 'en']) {
    for (const caller of [client, admin.client]) {
      const { status, body, headers } = await caller.with({ 'accept-language': locale }).get('/scopes');
      expect([status, headers.get('content-language'), body.meta.total_count]).toEqual([200, locale, SCOPES.length]);
      expect(body.data.map(({ scope }: { scope: string }) => scope)).toEqual(SCOPES);
      expect(new Set(body.data.flatMap((one: object) => Object.keys(one)))).toEqual(new Set(['scope', 'description']));
      told.push(body.data.map(({ description }: { description: string }) => description));
    }
  }
  const [cs, csAgain, de, , en] = told;
  expect(csAgain).toEqual(cs);
  expect([cs?.[1], de?.[1], en?.[1]]).toEqual(['Číst úkoly.', 'Aufgaben lesen.', 'Read issues.']);
  // No sentence is left in another's language, and none says two scopes.
  expect(new Set([cs, de, en].flat()).size).toBe(3 * SCOPES.length);
  expect(verdict(await world.visitor.get('/scopes'))).toBe('401 authorization_required');
});

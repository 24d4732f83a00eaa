import { spawn } from 'node:child_process';
import { eventually } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import { COMPILED } from '../support/process.js';
import { type Person, World } from '../support/world.js';

/** A command starts the whole application, which takes its time on a busy machine. */
jest.setTimeout(180_000);

/** Well before an instance would look by itself, which it does every half minute. */
const SOON_SECONDS = 10;

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `npm run admin -- …` beside the instances that serve. */
async function admin(...words: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['dist/apps/api/src/admin.js', ...words], { env: { ...world.env, PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...said };
}

async function succeeds(...words: string[]): Promise<string> {
  const { code, out, err } = await admin(...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

const kidOf = (token: string) => (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const acts = async () =>
  world.database.sql(`SELECT actor_type, action, target_type, target_id FROM audit_entries WHERE chain = 'operator' ORDER BY id DESC LIMIT 1`);
const slugOf = async ({ client }: Person) => (await client.get('/auth/me')).body.organization.slug as string;

describe('users:disable', () => {
  it('ends every session on every product with the next request; enabled again, the person signs in anew and nothing revives', async () => {
    const person = await world.register();
    const elsewhere = await world.register({ email: person.email, product: 'kanzlei' });
    const other = await world.register();

    expect(await succeeds('users:disable', person.email.toUpperCase())).toBe(`${person.email.toUpperCase()} is disabled\n`);
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'user.disabled', target_type: 'user', target_id: String(person.id) }]);
    for (const { client, refreshToken } of [person, elsewhere]) {
      expect(verdict(await client.get('/auth/me'))).toBe('401 token_revoked');
      expect(verdict(await client.post('/auth/refresh', { refresh_token: refreshToken }))).toBe('401 token_revoked');
    }
    expect(verdict(await world.visitor.post('/auth/login', { email: person.email, password: 'SecurePass123!' }))).toBe('401 unauthorized');
    expect(verdict(await other.client.get('/auth/me'))).toBe('200');

    await succeeds('users:enable', person.email);
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'user.enabled', target_type: 'user', target_id: String(person.id) }]);
    expect(verdict(await person.client.get('/auth/me'))).toBe('401 token_revoked');
    expect((await world.login(person.email)).id).toBe(person.id);
  });
});

describe('organizations:suspend', () => {
  it('ends every credential with the next request, until it is resumed', async () => {
    const person = await world.register();
    const member = await world.member(person);
    const slug = await slugOf(person);
    const target = { target_type: 'organization', target_id: String(person.organizationId) };

    expect(await succeeds('organizations:suspend', 'spravce-gdpr', slug)).toBe(`${slug} is suspended\n`);
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'organization.suspended', ...target }]);
    for (const { client, refreshToken, email } of [person, member]) {
      expect(verdict(await client.get('/auth/me'))).toBe('401 token_revoked');
      expect(verdict(await client.post('/auth/refresh', { refresh_token: refreshToken }))).toBe('401 token_revoked');
      expect(verdict(await client.post('/auth/login', { email, password: 'SecurePass123!' }))).toBe('422 no_organization');
    }

    await succeeds('organizations:resume', 'spravce-gdpr', slug);
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'organization.resumed', ...target }]);
    expect(verdict(await person.client.get('/auth/me'))).toBe('200');
    expect(verdict(await member.client.post('/auth/refresh', { refresh_token: member.refreshToken }))).toBe('200');
  });
});

describe('subscriptions:set', () => {
  it('sets plan and status by hand, felt on the next request, and says what it does not know', async () => {
    const person = await world.register();
    const slug = await slugOf(person);
    const set = ['subscriptions:set', 'spravce-gdpr', slug];
    expect(await succeeds(...set, 'team', 'unpaid')).toBe(`${slug} is unpaid on team\n`);
    expect(verdict(await person.client.get('/issues'))).toBe('403 subscription_inactive');
    await succeeds(...set, 'team', 'active');
    expect(verdict(await person.client.get('/issues'))).toBe('200');
    const told = await world.database.sql(`SELECT actor_type, metadata->'after'->>'status' AS status FROM audit_entries WHERE chain = $1 AND action = 'subscription.changed' ORDER BY id`, [`organization:${person.organizationId}`]);
    expect(told).toEqual([{ actor_type: 'operator', status: 'unpaid' }, { actor_type: 'operator', status: 'active' }]);
    for (const [words, why] of [[[...set, 'gold', 'active'], 'the plans of spravce-gdpr are team'], [[...set, 'team', 'paid'], 'a status is one of'], [['subscriptions:set', 'spravce-gdpr', 'nobody', 'team', 'active'], 'has no organization nobody']] as const) {
      const { code, err } = await admin(...words);
      expect([code, err]).toEqual([1, expect.stringContaining(why)]);
    }
  });
});

describe('signing keys', () => {
  it('rotate, are listed with their states, and take what they signed with them when they are removed', async () => {
    const before = await world.register();
    const [first] = (await succeeds('keys:list')).trim().split('\n');
    expect(first).toMatch(new RegExp(`^${kidOf(before.accessToken)} +active +signs from \\d{4}-.*Z$`));

    const later = (await succeeds('keys:rotate')).split(' ')[0] ?? '';
    const { body: jwks } = await world.stranger.get('/.well-known/jwks.json');
    expect(jwks.keys.map(({ kid }: { kid: string }) => kid)).toContain(later);
    expect(kidOf((await world.login(before.email)).accessToken)).toBe(kidOf(before.accessToken));

    const now = (await succeeds('keys:rotate', '--now')).split(' ')[0] ?? '';
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'signing_key.rotated', target_type: 'signing_key', target_id: now }]);
    await eventually(async () => kidOf((await world.login(before.email)).accessToken) === now, SOON_SECONDS);
    expect(verdict(await before.client.get('/auth/me'))).toBe('200');
    expect((await succeeds('keys:list')).trim().split('\n').map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      [kidOf(before.accessToken), 'verify-only'],
      [now, 'active'],
      [later, 'upcoming'],
    ]);

    await succeeds('keys:remove', kidOf(before.accessToken));
    expect(await acts()).toEqual([{ actor_type: 'operator', action: 'signing_key.removed', target_type: 'signing_key', target_id: kidOf(before.accessToken) }]);
    await eventually(async () => verdict(await before.client.get('/auth/me')) === '401 invalid_token', SOON_SECONDS);
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: before.refreshToken }))).toBe('401 invalid_token');

    expect(await admin('keys:remove', 'no-such-key')).toEqual({ code: 1, out: '', err: 'keys:remove no-such-key: not_found\n' });
    const signing = await admin('keys:remove', now);
    expect([signing.code, signing.err]).toEqual([1, `keys:remove ${now}: conflict (${now} signs now: rotate immediately, then remove it)\n`]);
    expect(verdict(await (await world.login(before.email)).client.get('/auth/me'))).toBe('200');
  });
});

describe('a command that names what is not there', () => {
  it.each([
    [['users:disable', 'nobody@acme.cz'], 'not_found (no user has this address)'],
    [['organizations:suspend', 'never-was', 'acme'], 'not_found (there is no product never-was)'],
    [['organizations:resume', 'kanzlei', 'acme'], 'not_found (kanzlei has no organization acme)'],
  ])('changes nothing, says so and exits with 1: %j', async (words, reason) => {
    await world.register({ organization: 'Acme' });
    const before = await world.audited();
    expect(await admin(...words)).toEqual({ code: 1, out: '', err: `${words.join(' ')}: ${reason}\n` });
    expect(await world.audited()).toEqual(before);
  });
});

it('a command that is misspelt explains all of them, does nothing and exits with 2', async () => {
  const misspelt = [[], ['users:delete', 'a@acme.cz'], ['users:disable'], ['users:disable', 'a@acme.cz', 'b@acme.cz'], ['keys:rotate', '--nwo'], ['constructor']];
  const before = await world.audited();
  for (const outcome of await Promise.all(misspelt.map(async (words) => admin(...words)))) {
    expect(outcome).toEqual({ code: 2, out: '', err: expect.stringMatching(/^npm run admin -- <command>\n[^]*keys:remove <kid>/) });
  }
  expect(await world.audited()).toEqual(before);
});
